import { EtlError } from '../errors.js'
import type { Scope, Severity } from './verify.js'

/** A rule: a query for bad rows, with its properties in the header of its file. */
export interface QualityRule {
  name: string
  scope: Scope
  severity: Severity
  /** One row of the query is one … */
  grain: string
  message: string
  sql: string
  /** Bad rows that are let pass. */
  allowed: number
}

/** What a user's quality.yml may say. */
export interface QualityOverrides {
  rules?: Record<string, { severity?: Severity | 'off'; allowed?: number }>
  add?: { name: string; severity: Severity; message: string; sql: string; allowed?: number }[]
}

/** A rule from its file: `-- key: value` lines, then the query. */
export function parseRule(name: string, text: string): QualityRule {
  const header = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^-- (severity|scope|grain|message): (.+)$/.exec(line)
    if (match) header.set(match[1] as string, (match[2] as string).trim())
  }
  const get = (key: string): string => {
    const value = header.get(key)
    if (!value) throw new Error(`sql/checks/${name}.sql lacks "-- ${key}:" in its header`)
    return value
  }
  const sql = text
    .split('\n')
    .filter((line) => !/^-- (severity|scope|grain|message): /.test(line))
    .join('\n')
    .trim()
  return {
    name,
    scope: get('scope') as Scope,
    severity: get('severity') as Severity,
    grain: get('grain'),
    message: get('message'),
    sql,
    allowed: 0,
  }
}

/**
 * The rules with a user's changes: other severities and thresholds, and rules of their own.
 * @throws EtlError CONFIG_INVALID for a rule that does not exist, and for two of one name
 */
export function withOverrides(rules: readonly QualityRule[], overrides: QualityOverrides): QualityRule[] {
  for (const name of Object.keys(overrides.rules ?? {})) {
    if (rules.some((rule) => rule.name === name)) continue
    throw invalid(`there is no rule ${name}; rules are ${rules.map((rule) => rule.name).join(', ')}`)
  }
  const names = [...rules, ...(overrides.add ?? [])].map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw invalid(`there are two rules ${twice}; a rule needs a name of its own`)
  const changed = rules.flatMap((rule) => {
    const change = overrides.rules?.[rule.name]
    if (!change) return [rule]
    if (change.severity === 'off') return []
    return [{ ...rule, severity: change.severity ?? rule.severity, allowed: change.allowed ?? rule.allowed }]
  })
  const added = (overrides.add ?? []).map((rule) => ({
    ...rule,
    scope: 'rules' as const,
    grain: 'one row per bad row',
    allowed: rule.allowed ?? 0,
  }))
  return [...changed, ...added]
}

function invalid(message: string): EtlError {
  return new EtlError(`quality file: ${message}`, {
    code: 'CONFIG_INVALID',
    suggestions: ['rental-etl verify --scope rules --json   # lists the rules by name'],
  })
}
