import { nearest } from '../words/nearest.js'
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
  /** quality.yml switched it off: it is told as not checked. */
  off: boolean
  /** File and line of a rule of the user's own. */
  where?: string
}

/** A rule of the user's own. */
export interface OwnRule {
  name: string
  severity: Severity
  message: string
  sql: string
  allowed?: number
  /** File and line. */
  where?: string
}

/** What a user's quality.yml may say; its names were checked when it was read. */
export interface QualityOverrides {
  rules?: Record<string, { severity?: Severity | 'off'; allowed?: number }>
  add?: OwnRule[]
}

/** A name in quality.yml that cannot stand there, with the keys that lead to it. */
export interface NameFault {
  path: (string | number)[]
  message: string
}

/** The first name that is no rule, or that two rules have. @param known names of the rules that there are */
export function nameFault({ rules = {}, add = [] }: QualityOverrides, known: readonly string[]): NameFault | undefined {
  for (const name of Object.keys(rules)) {
    if (known.includes(name)) continue
    const near = nearest(name, known)[0]
    const hint = near ? `the nearest is ${near}` : `rules are ${known.join(', ')}`
    return { path: ['rules', name], message: `there is no rule ${name}; ${hint}` }
  }
  const names = [...known, ...add.map(({ name }) => name)]
  const at = add.findIndex(({ name }, own) => names.indexOf(name) < known.length + own)
  if (at < 0) return undefined
  const message = `there are two rules ${add[at]?.name}; a rule needs a name of its own`
  return { path: ['add', at, 'name'], message }
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
    off: false,
  }
}

/** The rules with a user's changes: other severities and thresholds, and rules of their own. Those that are off stay, as that. */
export function withOverrides(
  rules: readonly QualityRule[],
  { rules: changes = {}, add = [] }: QualityOverrides,
): QualityRule[] {
  const changed = rules.map((rule): QualityRule => {
    const change = changes[rule.name]
    if (change?.severity === 'off') return { ...rule, off: true }
    return { ...rule, severity: change?.severity ?? rule.severity, allowed: change?.allowed ?? rule.allowed }
  })
  const own = add.map(
    ({ allowed = 0, where = 'quality.yml', ...rule }): QualityRule => ({
      ...rule,
      scope: 'rules',
      grain: 'one row per bad row',
      allowed,
      off: false,
      where,
    }),
  )
  return [...changed, ...own]
}
