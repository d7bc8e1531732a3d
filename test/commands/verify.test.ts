import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import Rerun from '../../src/commands/rerun.js'
import Run from '../../src/commands/run.js'
import Verify from '../../src/commands/verify.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'
import { temporaryFolder } from '../support/temporary.js'
import { workingFolder } from '../support/working-folder.js'

const { home, source } = smallHome()
/** Commands to paste are about the home and source that were asked for. */
const here = () => `--home ${home()} --source csv:${source()}`
const verify = (...argv: string[]) =>
  captureCommand(Verify, 'verify', ...argv, '--home', home(), '--source', `csv:${source()}`)

test('the ledger of four hops, and the rules', async () => {
  await workingFolder()
  const { stdout, stderr, code } = await verify('--scope', 'counts,rules')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.split('\n')).toEqual([
    'source → lake',
    '  ✓ apartments: 3 = 3; unexplained 0',
    '  ✓ apartment_attributes: 3 = 3; unexplained 0',
    '  ✓ bookings: 8 = 8; unexplained 0',
    '  ✓ user_viewing: 2 = 2; unexplained 0',
    'lake → raw',
    '  ✓ stg_apartments: 3 = 3; unexplained 0',
    '  ✓ stg_apartment_attributes: 3 = 3; unexplained 0',
    '  ✓ stg_bookings: 8 = 6 + 2 quarantined (bad_value:booking_date 1, null_key:booking_id 1); unexplained 0',
    '  ✓ stg_user_viewing: 2 = 2; unexplained 0',
    'raw → curated',
    '  ✓ dim_listings: 3 = 3; unexplained 0',
    '  ✓ dim_users: 3 = 3; unexplained 0',
    '  ✓ fact_bookings: 6 = 5 + 1 filtered (not_confirmed:canceled 1); unexplained 0',
    '  ✓ fact_user_views: 2 = 2; unexplained 0',
    'curated → presentation',
    '  ✓ fact_bookings: 5 = 5; unexplained 0',
    '',
    'counts: 5 of 5 checks passed',
    'rules: 22 of 22 checks passed',
    'not looked at: ledger, views, freshness, checksum   (rental-etl verify --scope all)',
    '✓ verify: ok. unexplained 0; 40 passed',
    '',
  ])
})

test('exit by what --fail-on asks for', async () => {
  await workingFolder()
  expect((await verify('--scope', 'all')).code).toBe(0)
  expect((await verify('--scope', 'rules', '--fail-on', 'warn')).code).toBe(0)
  const stale = await verify('--scope', 'rules', '--fail-on', 'stale')
  // The newest run of this home has failed.
  expect([stale.code, stale.stderr]).toEqual([4, `next: rental-etl runs show @failed --home ${home()}\n`])
  expect((await verify('--scope', 'freshness', '--fail-on', 'warn')).code).toBe(3)
})

test('a rule of the user fails, in text, JSON and JUnit', async () => {
  const folder = await workingFolder({
    'quality.yml':
      'add:\n  - name: none\n    severity: error\n    message: none\n    sql: select user_id from curated.dim_users where user_id = 10\n',
  })
  const file = join(folder, 'out.xml')
  const { stdout, stderr, code } = await verify('--scope', 'rules', '--junit', file, '--json')
  const { result, status, exit } = JSON.parse(stdout)
  expect([code, stderr, status, exit, result.verdict]).toEqual([1, '', 'ok', { code: 1, name: 'failed' }, 'fail'])
  expect(result.checks.filter((check: { status: string }) => check.status === 'fail')).toEqual([
    {
      name: 'none',
      scope: 'rules',
      severity: 'error',
      status: 'fail',
      bad_rows: 1,
      sample: [{ user_id: '10' }],
      sql: 'select user_id from curated.dim_users where user_id = 10',
    },
  ])
  expect((await readFile(file, 'utf8')).match(/<failure .*/)?.[0]).toBe(
    '<failure message="1 bad rows" type="error">select user_id from curated.dim_users where user_id = 10',
  )
})

test('a warning has a next command, which works', async () => {
  await workingFolder({
    'quality.yml':
      'add:\n  - name: none\n    severity: warn\n    message: none\n    sql: select user_id from curated.dim_users where user_id = 10\n',
  })
  const { stderr, code } = await verify('--scope', 'rules')
  expect([code, stderr]).toEqual([
    0,
    `next: rental-etl verify --scope rules --json ${here()}   # each with its query and its first bad rows\n`,
  ])
  const { stdout } = await verify('--scope', 'rules', '--json')
  expect(JSON.parse(stdout).result.checks.find(({ status }: { status: string }) => status === 'warn')).toMatchObject({
    sql: 'select user_id from curated.dim_users where user_id = 10',
  })
})

test('what is no scope, and a rule that cannot run', async () => {
  await workingFolder()
  const { code, stderr } = await verify('--scope', 'ruls')
  expect([code, stderr]).toEqual([
    64,
    'error: there is no scope ruls; scopes are counts, ledger, rules, views, freshness, checksum, all\n  try: rental-etl verify --scope rules ' +
      here() +
      '\n',
  ])
  const folder = await workingFolder({
    'quality.yml':
      'add:\n  - name: mine\n    severity: warn\n    message: m\n    sql: select nope from curated.dim_users\n',
  })
  const wrong = await verify('--scope', 'rules')
  expect([wrong.code, wrong.stderr.split('\n')[0]]).toEqual([
    65,
    `error: ${folder}/quality.yml:2: rule mine cannot run: Binder Error: Referenced column "nope" not found in FROM clause!`,
  ])
})

test('without a warehouse: no such thing, and for a monitor stale', async () => {
  await workingFolder()
  const empty = await temporaryFolder()
  const plain = await captureCommand(Verify, 'verify', '--home', empty)
  expect([plain.code, plain.stderr.split('\n')[0]]).toEqual([
    66,
    `error: there is no warehouse at ${empty}/warehouse.duckdb yet`,
  ])
  const monitor = await captureCommand(Verify, 'verify', '--home', empty, '--fail-on', 'stale')
  expect([monitor.code, monitor.stdout.split('\n')[1]]).toEqual([4, '  ✗ ever_ran: 1 bad rows (error)'])
})

test('JUnit goes where export would go, and says so before any work', async () => {
  const folder = await workingFolder()
  const missing = await verify('--junit', 'no/where.xml')
  expect([missing.code, missing.stdout, missing.stderr]).toEqual([
    66,
    '',
    'error: there is no folder no to write no/where.xml into\n  try: mkdir -p no\n',
  ])
  expect((await verify('--junit', folder)).code).toBe(64)
})

test('a stale warehouse is red in JUnit, too, with the time of each case; JSON has none', async () => {
  const folder = await workingFolder()
  const file = join(folder, 'stale.xml')
  const { code, stdout } = await verify('--scope', 'rules', '--fail-on', 'stale', '--junit', file, '--json')
  const text = await readFile(file, 'utf8')
  expect(code).toBe(4)
  expect(text).toMatch(/<testsuites name="rental-etl verify" tests="\d+" failures="[1-9]\d*" time="\d+\.\d{3}">/)
  expect(text).toMatch(/<testcase classname="freshness" name="newest_run_succeeded" time="\d+\.\d{3}">\n {6}<failure/)
  expect(stdout).not.toContain('duration_ms')
})

test('the warehouse was removed, and curated built again on nothing: the history of runs knows', async () => {
  const folder = await workingFolder()
  const lost = join(folder, 'home')
  await cp(home(), lost, { recursive: true })
  await rm(join(lost, 'warehouse.duckdb'))
  const place = ['--home', lost, '--source', `csv:${source()}`]
  await captureCommand(Rerun, 'rerun', 'curated', 'first', ...place)
  const { code, stdout } = await captureCommand(Verify, 'verify', '--scope', 'counts', ...place)
  expect([code, stdout.match(/✗ newest_load.*\n.*/)?.[0]]).toEqual([
    1,
    '✗ newest_load_is_known: 1 bad rows (error)\n      run_id=first problem=loaded 14 rows, and raw_data.load_log does not know it',
  ])
  // Its own advice mends it.
  const again = await captureCommand(Run, 'run', '--full-refresh', '--as-of', '2025-03-24', ...place)
  expect(again.code).toBe(0)
  expect((await captureCommand(Verify, 'verify', '--scope', 'counts', ...place)).code).toBe(0)
})

test('every rule switched off is no plain ok', async () => {
  const { result } = JSON.parse((await verify('--scope', 'rules,views', '--json')).stdout)
  const names = (result.checks as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => name !== 'views_as_defined')
  await workingFolder({ 'quality.yml': `rules:\n${names.map((name) => `  ${name}: {severity: off}\n`).join('')}` })
  const off = await verify('--scope', 'rules')
  expect([off.code, off.stdout.split('\n').at(-2)]).toEqual([0, '! verify: warn. 0 passed, 22 not checked'])
  expect(off.stdout).toContain('  – stays_ordered: not checked: quality.yml switched it off\n')
  expect(off.stderr).toBe(
    `next: rental-etl verify --scope rules --json ${here()}   # each with its query and its first bad rows\n`,
  )
})
