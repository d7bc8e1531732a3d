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
import { countText, wrapped } from './format.js'

const HOPS: Record<Hop, string> = {
  source_to_lake: 'source → lake',
  lake_to_raw: 'lake → raw',
  raw_to_curated: 'raw → curated',
  curated_to_presentation: 'curated → presentation',
}
const GLYPHS = { pass: '✓', warn: '!', fail: '✗', skip: '–' } as const

/** The ledger as equations, what is not in order, and what was not looked at. */
export function verifyReport(
  result: VerifyResult,
  { width, scopes }: { width: number; scopes: readonly Scope[] },
): string {
  const lines: string[] = []
  let hop: Hop | undefined
  for (const line of result.ledger) {
    if (line.hop !== hop) lines.push(HOPS[line.hop])
    hop = line.hop
    lines.push(...wrapped(`  ${GLYPHS[line.status]} ${equation(line)}`, width))
  }
  if (lines.length > 0) lines.push('')
  for (const scope of scopes)
    lines.push(
      ...scopeLines(
        scope,
        result.checks.filter((check) => check.scope === scope),
        width,
      ),
    )
  const missing = SCOPES.filter((scope) => !scopes.includes(scope))
  if (missing.length > 0) {
    lines.push(...wrapped(`not looked at: ${missing.join(', ')}   (rental-etl verify --scope all)`, width))
  }
  lines.push(...wrapped(verdict(result), width))
  return lines.join('\n')
}

function equation(line: LedgerLine): string {
  if (line.status === 'skip') return `${line.table}: not checked`
  const parts = [
    countText(line.rows_out),
    ...(line.superseded > 0 ? [`${countText(line.superseded)} superseded`] : []),
    ...counts('quarantined', line.quarantined),
    ...counts('left out', line.filtered),
  ]
  const nullified = total(line.nullified) > 0 ? `; ${countText(total(line.nullified))} values nullified` : ''
  return `${line.table}: ${countText(line.rows_in)} = ${parts.join(' + ')}${nullified}; unexplained ${countText(line.unexplained)}`
}

function counts(what: string, by: Counts): string[] {
  const entries = Object.entries(by).filter(([, n]) => n > 0)
  if (entries.length === 0) return []
  const rules = entries.map(([rule, n]) => `${rule} ${countText(n)}`).join(', ')
  return [`${countText(total(by))} ${what} (${rules})`]
}

function scopeLines(scope: Scope, checks: readonly CheckResult[], width: number): string[] {
  if (checks.length === 0) return []
  const passed = checks.filter(({ status }) => status === 'pass').length
  const lines = [`${scope}: ${passed} of ${checks.length} checks passed`]
  for (const check of checks) {
    if (check.status === 'pass') {
      if (check.severity === 'info' && check.bad_rows > 0)
        lines.push(`  · ${check.name}: ${countText(check.bad_rows)} rows`)
      continue
    }
    if (check.status === 'skip') {
      lines.push(...wrapped(`  ${GLYPHS.skip} ${check.name}: ${check.sql.replace(/^-- /, '')}`, width))
      continue
    }
    lines.push(`  ${GLYPHS[check.status]} ${check.name}: ${countText(check.bad_rows)} bad rows (${check.severity})`)
    for (const row of check.sample.slice(0, 3)) {
      const text = Object.entries(row)
        .map(([name, cell]) => `${name}=${cell ?? 'NULL'}`)
        .join(' ')
      lines.push(...wrapped(`      ${text}`, width))
    }
  }
  return lines
}

function verdict({ verdict: word, ledger, checks }: VerifyResult): string {
  const all = [...ledger, ...checks]
  const of = (status: string): number => all.filter((one) => one.status === status).length
  const unexplained = ledger.reduce((sum, line) => sum + Math.abs(line.unexplained), 0)
  const balance = ledger.length > 0 ? `unexplained ${countText(unexplained)}; ` : ''
  const rest = [
    `${of('pass')} passed`,
    ...(['warn', 'fail', 'skip'] as const)
      .filter((status) => of(status) > 0)
      .map((status) => `${of(status)} ${WORDS[status]}`),
  ]
  return `${GLYPHS[word === 'ok' ? 'pass' : word]} verify: ${word}. ${balance}${rest.join(', ')}`
}

const WORDS = { warn: 'warned', fail: 'failed', skip: 'not checked' } as const
