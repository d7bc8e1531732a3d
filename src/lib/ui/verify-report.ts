import type { Counts } from '../core/run/run.js'
import {
  type CheckResult,
  type Hop,
  type LedgerLine,
  SCOPES,
  type Scope,
  total,
  type VerifyResult,
} from '../core/verify/verify.js'
import { countText } from '../core/words/count-text.js'
import { glyph, paint, styleOf } from './paint.js'

const HOPS: Record<Hop, string> = {
  source_to_lake: 'source → lake',
  lake_to_raw: 'lake → raw',
  raw_to_curated: 'raw → curated',
  curated_to_presentation: 'curated → presentation',
}

/** The ledger as equations, what is not in order, and what was not looked at. */
export function verifyReport(result: VerifyResult, { scopes }: { scopes: readonly Scope[] }): string {
  const lines: string[] = []
  let hop: Hop | undefined
  for (const line of result.ledger) {
    if (line.hop !== hop) lines.push(paint('bold', HOPS[line.hop]))
    hop = line.hop
    lines.push(`  ${glyph(line.status)} ${equation(line)}`)
  }
  if (lines.length > 0) lines.push('')
  for (const scope of scopes) {
    const checks = result.checks.filter((check) => check.scope === scope)
    lines.push(...scopeLines(scope, checks))
  }
  const missing = SCOPES.filter((scope) => !scopes.includes(scope))
  if (missing.length > 0) lines.push(`not looked at: ${missing.join(', ')}   (rental-etl verify --scope all)`)
  lines.push(verdict(result))
  return lines.join('\n')
}

/** What to type where nothing failed and something is not in order: what a check says by itself, or where its rows are. */
export function closerLook({ checks }: VerifyResult): string[] {
  const odd = checks.filter(({ status }) => status === 'warn' || status === 'skip')
  const named = odd.flatMap(({ status, sql }) =>
    status === 'skip' ? (/rental-etl .+$/.exec(sql)?.slice(0, 1) ?? []) : [],
  )
  const scopes = odd.filter(({ status }) => status === 'warn').map(({ scope }) => scope)
  const rows = [...new Set(scopes)].map(
    (scope) => `rental-etl verify --scope ${scope} --json   # each check with its query`,
  )
  return [...new Set([...named, ...rows])]
}

function equation(line: LedgerLine): string {
  if (line.status === 'skip') return `${line.table}: not checked`
  const parts = [
    countText(line.rows_out),
    ...(line.superseded > 0 ? [`${countText(line.superseded)} superseded`] : []),
    ...counts('quarantined', line.quarantined),
    ...counts('filtered', line.filtered),
  ]
  const nullified = total(line.nullified) > 0 ? `; ${countText(total(line.nullified))} nullified` : ''
  return `${line.table}: ${countText(line.rows_in)} = ${parts.join(' + ')}${nullified}; ${unexplained(line.unexplained)}`
}

function unexplained(n: number): string {
  return `unexplained ${n === 0 ? '0' : paint('red', countText(n))}`
}

function counts(what: string, by: Counts): string[] {
  const entries = Object.entries(by).filter(([, n]) => n > 0)
  if (entries.length === 0) return []
  const rules = entries.map(([rule, n]) => `${rule} ${countText(n)}`).join(', ')
  return [`${countText(total(by))} ${what} (${rules})`]
}

function scopeLines(scope: Scope, checks: readonly CheckResult[]): string[] {
  if (checks.length === 0) return []
  const passed = checks.filter(({ status }) => status === 'pass').length
  const lines = [`${scope}: ${passed} of ${checks.length} checks passed`]
  for (const check of checks) {
    if (check.status === 'pass') {
      if (check.severity === 'info' && check.bad_rows > 0)
        lines.push(`  ${glyph('info')} ${check.name}: ${countText(check.bad_rows)} rows`)
      continue
    }
    if (check.status === 'skip') {
      lines.push(`  ${glyph('skip')} ${check.name}: ${check.sql.replace(/^-- /, '')}`)
      continue
    }
    lines.push(`  ${glyph(check.status)} ${check.name}: ${countText(check.bad_rows)} bad rows (${check.severity})`)
    for (const row of check.sample.slice(0, 3)) {
      const text = Object.entries(row)
        .map(([name, cell]) => `${name}=${cell ?? 'NULL'}`)
        .join(' ')
      lines.push(`      ${text}`)
    }
  }
  return lines
}

function verdict({ verdict: word, ledger, checks }: VerifyResult): string {
  const all = [...ledger, ...checks]
  const of = (status: string): number => all.filter((one) => one.status === status).length
  const left = ledger.reduce((sum, line) => sum + Math.abs(line.unexplained), 0)
  const balance = ledger.length > 0 ? `${unexplained(left)}; ` : ''
  const rest = [
    `${of('pass')} passed`,
    ...(['warn', 'fail', 'skip'] as const)
      .filter((status) => of(status) > 0)
      .map((status) => `${of(status)} ${WORDS[status]}`),
  ]
  return `${glyph(word)} verify: ${paint(styleOf(word), word)}. ${balance}${rest.join(', ')}`
}

const WORDS = { warn: 'warned', fail: 'failed', skip: 'not checked' } as const
