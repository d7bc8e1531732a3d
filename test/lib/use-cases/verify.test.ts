import { beforeEach, describe, expect, test } from 'vitest'
import { parseCron } from '../../../src/lib/core/config/cron.js'
import { EtlError } from '../../../src/lib/core/errors.js'
import { BUILD_QUERY } from '../../../src/lib/core/sql/build.js'
import type { CheckResult, FailOn, LedgerLine } from '../../../src/lib/core/verify/verify.js'
import {
  judge,
  ledgerLine,
  type Scope,
  skipped,
  verdictOf,
  withoutDurations,
} from '../../../src/lib/core/verify/verify.js'
import type { SourceCheck } from '../../../src/lib/ports/source-check.js'
import type { StoredAudit } from '../../../src/lib/ports/stored-audit.js'
import type { ResultStream } from '../../../src/lib/ports/warehouse.js'
import {
  neverRan,
  nextAfterVerify,
  type VerifyOptions,
  type VerifyPorts,
  verify,
  verifyExit,
} from '../../../src/lib/use-cases/verify.js'
import { steppingClock } from '../../fakes/clock.js'
import { recordOf } from '../../fakes/run-store.js'
import { SILENT_SOURCE } from '../../fakes/source-check.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

let warehouse: MemoryWarehouse
beforeEach(async () => {
  const db = await emptyWarehouse()
  await db.run('create view presentation.vw_bookings_per_user_weekly as select 0 as bookings where false')
  await db.run('create table facts as select * from range(8) t(id)')
  warehouse = new MemoryWarehouse(db)
})

const built = () => warehouse.db.run(`insert into curated.build values ('r-1', date '2025-03-24', 0)`)
const audited = (name: string, scope: Scope): CheckResult =>
  judge({ name, scope, severity: 'error', sql: '-- compared' }, 0, [])

const audit: StoredAudit = {
  content: async () => [audited('lake_and_raw', 'ledger')],
  views: async () => audited('views_as_defined', 'views'),
}
const source: SourceCheck = {
  ...SILENT_SOURCE,
  compare: async () => [audited('source_and_raw', 'checksum')],
  count: async () => [audited('source_rows', 'freshness')],
}

const rule = (scope: string, severity: string, sql: string): string =>
  `-- severity: ${severity}\n-- scope: ${scope}\n-- grain: g\n-- message: m\n${sql}`
const CHECKS = {
  none: rule('rules', 'error', 'select * from facts where id > 99 -- nothing'),
  some: rule('rules', 'warn', 'select id from facts order by id'),
  view: rule('views', 'error', 'select id from facts where id = 3'),
}

const ports = (): VerifyPorts => ({
  ...{ warehouse, audit, source, checks: CHECKS, ledger: {}, views: {} },
  runs: [recordOf('r-1', ['succeeded', 'succeeded', 'succeeded'], {}, { started_at: '2026-05-04T02:00:01Z' })],
  clock: steppingClock('2026-05-04T09:00:00Z'),
})
const due = { schedule: parseCron('0 2 * * *'), graceMs: 7_200_000, asOf: () => '2025-03-24' }
const check = async (scopes: Scope[], changes: Partial<VerifyOptions> = {}) =>
  withoutDurations(
    await verify(ports(), { scopes, overrides: {}, due, signal: new AbortController().signal, ...changes }),
  )
const brief = ({ checks }: { checks: CheckResult[] }) =>
  checks.map(({ name, status, bad_rows }) => [name, status, bad_rows])

test('each scope looks at its own, in the order in which they are asked for', async () => {
  await built()
  const seen: Scope[] = []
  const result = await check(['views', 'ledger', 'rules', 'checksum'], { onScope: (scope) => seen.push(scope) })
  expect(brief(result)).toEqual([
    ['views_as_defined', 'pass', 0],
    ['view', 'fail', 1],
    ['lake_and_raw', 'pass', 0],
    ['none', 'pass', 0],
    ['some', 'warn', 8],
    ['source_and_raw', 'pass', 0],
  ])
  expect(seen).toEqual(['views', 'ledger', 'rules', 'checksum'])
  expect([result.verdict, result.ledger]).toEqual(['fail', []])
  expect((await check(['counts'])).ledger.length).toBe(9)
})

test('the rules of a scope are one trip, and each gives the first five bad rows and how many there are', async () => {
  await built()
  const { checks } = await check(['rules'])
  expect(checks.find(({ name }) => name === 'some')?.sample).toEqual([0, 1, 2, 3, 4].map((id) => ({ id: String(id) })))
  expect(warehouse.trips.map((statements) => statements.length)).toEqual([1, 2])
})

test('rules whose tables are known to have unique keys are not asked, and pass', async () => {
  await built()
  const name = 'stg_bookings_key_unique'
  const checks = { ...CHECKS, [name]: rule('rules', 'error', 'select 1 as booking_id') }
  const look = async (overrides = {}) => {
    warehouse.trips.length = 0
    const options = { scopes: ['rules' as const], overrides, due, signal: new AbortController().signal }
    const found = await verify({ ...ports(), checks }, options)
    return found.checks.find((one) => one.name === name)
  }
  expect(await look()).toMatchObject({ status: 'fail', bad_rows: 1 })
  warehouse.unique = [name]
  expect(await look()).toMatchObject({ status: 'pass', bad_rows: 0, sample: [], sql: 'select 1 as booking_id' })
  expect(warehouse.trips.flat().join()).not.toContain('booking_id')
  expect(await look({ rules: { [name]: { severity: 'off' } } })).toMatchObject({ status: 'skip' })
})

test('what a user changes and adds holds', async () => {
  await built()
  const result = await check(['rules', 'views'], {
    overrides: {
      rules: { some: { severity: 'error', allowed: 8 }, view: { severity: 'off' } },
      add: [{ name: 'own', severity: 'warn', message: 'm', sql: 'select 1 as one -- mine' }],
    },
  })
  expect(brief(result)).toEqual([
    ['none', 'pass', 0],
    ['some', 'pass', 8],
    ['own', 'warn', 1],
    ['views_as_defined', 'pass', 0],
    ['view', 'skip', 0],
  ])
  expect(result.verdict).toBe('warn')
})

test('views are kept for their rules alone where nothing else is asked after them', async () => {
  await built()
  const scopes = (...all: Scope[]) => check(all)
  await scopes('rules', 'views')
  await scopes('views', 'rules')
  const sql = 'select id from facts where id = 3'
  expect(warehouse.keeps).toEqual([
    [[], [sql]],
    [[], undefined],
  ])
})

test('views that are not as defined are red, and nothing is judged by them', async () => {
  await built()
  const changed = judge({ name: 'views_as_defined', scope: 'views', severity: 'error', sql: '-- compared' }, 1, [])
  const result = await verify(
    { ...ports(), audit: { ...audit, views: async () => changed } },
    { scopes: ['views'], overrides: {}, due, signal: new AbortController().signal },
  )
  expect([result.verdict, withoutDurations(result).checks]).toEqual([
    'fail',
    [changed, skipped('view', 'views', 'the views are not as defined: rental-etl rerun curated')],
  ])
})

describe('a rule that cannot run', () => {
  const failing = (error: Error): MemoryWarehouse =>
    Object.assign(new MemoryWarehouse(warehouse.db), {
      query: async function (this: MemoryWarehouse, sql: string): Promise<ResultStream> {
        if (sql.includes('own_table')) throw error
        return MemoryWarehouse.prototype.query.call(this, sql)
      },
    })
  const add = [{ name: 'own', severity: 'warn' as const, message: 'm', sql: 'select * from own_table' }]
  const sqlError = new EtlError('no table own_table', { code: 'SQL_ERROR' })

  test('is a mistake in quality.yml where it is one of the user', async () => {
    await built()
    warehouse = failing(sqlError)
    await expect(check(['rules'], { overrides: { add } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      exit: 'invalid',
      message: 'quality.yml: rule own cannot run: no table own_table',
      suggestions: ['rental-etl tables   # relations and their columns'],
    })
  })

  test('and what it is otherwise', async () => {
    await built()
    const bug = new Error('a bug')
    warehouse = failing(bug)
    await expect(check(['rules'], { overrides: { add } })).rejects.toBe(bug)
  })
})

test('before curated was built rules are skipped, and freshness fails', async () => {
  const result = await check(['rules', 'freshness'])
  expect(brief(result)).toEqual([
    ['none', 'skip', 0],
    ['some', 'skip', 0],
    ['ever_built', 'fail', 1],
    ['newest_run_succeeded', 'pass', 0],
  ])
  expect(result.verdict).toBe('fail')
})

test('freshness is the schedule, the warehouse, and the live source', async () => {
  await built()
  expect(brief(await check(['freshness']))).toEqual([
    ['newest_run_succeeded', 'pass', 0],
    ['run_on_time', 'pass', 0],
    ['as_of_is_current', 'pass', 0],
    ['source_not_empty', 'pass', 0],
    ['raw_not_empty', 'pass', 0],
    ['views_not_empty', 'pass', 0],
    ['source_rows', 'pass', 0],
  ])
})

test('a rule that is off is told as not checked, and the verdict is no plain ok', async () => {
  await built()
  const off = { severity: 'off' as const }
  const { checks, verdict } = await check(['rules'], { overrides: { rules: { none: off, some: off } } })
  expect([verdict, checks]).toEqual([
    'warn',
    [skipped('none', 'rules', 'quality.yml switched it off'), skipped('some', 'rules', 'quality.yml switched it off')],
  ])
  expect(warehouse.trips).toEqual([[BUILD_QUERY]])
})

test('every line and check has the time that it took, which is that of its scope together', async () => {
  await built()
  const result = await verify(ports(), {
    ...{ scopes: ['counts', 'rules'], overrides: {}, due, signal: new AbortController().signal },
  })
  const of = (all: { duration_ms?: number }[]) => all.map(({ duration_ms }) => duration_ms)
  // The clock goes on by a second each time it is read: what is looked at together shares one.
  expect([...of(result.ledger), ...of(result.checks)]).toEqual([...Array(13).fill(1000 / 13), 500, 500])
})

describe('what to type next', () => {
  const one = (name: string, scope: Scope, status: CheckResult['status'], sql = 's'): CheckResult => ({
    ...skipped(name, scope, ''),
    status,
    sql,
  })
  test.each<[string, CheckResult[], string[]]>([
    ['all is well', [one('a', 'rules', 'pass')], []],
    ['something is stale', [one('a', 'rules', 'fail'), one('b', 'freshness', 'warn')], ['rental-etl run --watch']],
    [
      'something is wrong',
      [one('a', 'rules', 'fail'), one('b', 'views', 'skip')],
      ['rental-etl run --full-refresh   # loads everything again from the source'],
    ],
    ['a run stopped', [skipped('a', 'rules', 'curated was not built yet: rental-etl resume')], ['rental-etl resume']],
    [
      'rules warn, and one is off',
      [one('a', 'rules', 'warn'), skipped('b', 'views', 'quality.yml switched it off')],
      ['rental-etl verify --scope rules,views --json   # each with its query and its first bad rows'],
    ],
  ])('%s', (_, checks, next) => {
    expect(nextAfterVerify({ verdict: verdictOf([], checks), ledger: [], checks })).toEqual(next)
  })
})

test('after bookmarks alone a run looks for the rest; what else is odd is named beside', () => {
  const check = (name: string, scope: Scope) => judge({ name, scope, severity: 'warn', sql: '' }, 1, [])
  const alone = [check('source_reconciled', 'counts')]
  const run = 'rental-etl run   # looks for the changes and deletions that bookmarks alone do not see'
  expect(nextAfterVerify({ verdict: 'warn', ledger: [], checks: alone })).toEqual([run])
  expect(nextAfterVerify({ verdict: 'warn', ledger: [], checks: [...alone, check('some', 'rules')] })).toEqual([
    run,
    'rental-etl verify --scope rules --json   # each with its query and its first bad rows',
  ])
})

test('where there is no warehouse', () => {
  const result = neverRan()
  expect(result).toMatchObject({ verdict: 'fail', ledger: [] })
  expect(brief(result)).toEqual([['ever_ran', 'fail', 1]])
  expect(['error', 'warn', 'stale'].map((failOn) => verifyExit(result, failOn as FailOn))).toEqual([
    'failed',
    'failed',
    'stale',
  ])
})

describe('verifyExit', () => {
  const fresh = (status: CheckResult['status']): CheckResult => ({ ...skipped('f', 'freshness', ''), status })
  const ruled = (status: CheckResult['status']): CheckResult => ({ ...skipped('r', 'rules', ''), status })
  const line = (status: LedgerLine['status']): LedgerLine => ({ ...ledgerLine('lake_to_raw', 't', {}), status })

  test.each<[string, LedgerLine[], CheckResult[], [error: string, warn: string, stale: string]]>([
    ['all is well', [line('pass')], [ruled('pass'), fresh('pass')], ['ok', 'ok', 'ok']],
    ['a rule warns', [], [ruled('warn')], ['ok', 'warnings', 'ok']],
    ['a line was skipped', [line('skip')], [], ['ok', 'warnings', 'ok']],
    ['a rule fails', [], [ruled('fail')], ['failed', 'failed', 'failed']],
    ['a line fails', [line('fail')], [], ['failed', 'failed', 'failed']],
    ['stale', [], [fresh('warn')], ['ok', 'warnings', 'stale']],
    ['could not be checked', [], [fresh('skip')], ['ok', 'warnings', 'stale']],
    ['never built', [], [fresh('fail')], ['failed', 'failed', 'stale']],
    ['stale, and a rule fails', [], [fresh('warn'), ruled('fail')], ['failed', 'failed', 'failed']],
  ])('%s', (_, ledger, checks, [error, warn, stale]) => {
    const states = [...ledger, ...checks].map(({ status }) => status)
    const verdict = states.includes('fail') ? 'fail' : states.every((status) => status === 'pass') ? 'ok' : 'warn'
    const exits = (['error', 'warn', 'stale'] as const).map((failOn) => verifyExit({ verdict, ledger, checks }, failOn))
    expect(exits).toEqual([error, warn, stale])
  })
})
