import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import BookmarksAudit from '../../../src/commands/bookmarks/audit.js'
import BookmarksHistory from '../../../src/commands/bookmarks/history.js'
import Bookmarks from '../../../src/commands/bookmarks/index.js'
import BookmarksReset from '../../../src/commands/bookmarks/reset.js'
import BookmarksRestore from '../../../src/commands/bookmarks/restore.js'
import BookmarksRewind from '../../../src/commands/bookmarks/rewind.js'
import Run from '../../../src/commands/run.js'
import RunsShow from '../../../src/commands/runs/show.js'
import Verify from '../../../src/commands/verify.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallHome, steady } from '../../support/small-home.js'
import { SMALL_AS_OF } from '../../support/small-warehouse.js'
import { workingFolder } from '../../support/working-folder.js'

const { home, folder, source } = smallHome()
const place = () => ['--home', home()]
const from = () => [...place(), '--source', `csv:${source()}`]
const rewind = (...argv: string[]) => captureCommand(BookmarksRewind, 'bookmarks:rewind', ...argv, ...place())
const restore = (...argv: string[]) => captureCommand(BookmarksRestore, 'bookmarks:restore', ...argv, ...place())
const run = (name: string, ...argv: string[]) =>
  captureCommand(Run, 'run', '--name', name, '--as-of', SMALL_AS_OF, ...argv, ...from())

async function history(): Promise<string[]> {
  const { stdout } = await captureCommand(BookmarksHistory, 'bookmarks:history', '--json', ...place())
  const { rows } = JSON.parse(stdout).result as { rows: Record<string, string | null>[] }
  return rows.map((row) =>
    ['seq', 'kind', 'table', 'from_position', 'to_state', 'to_position', 'state', 'reason']
      .map((name) => row[name])
      .join(' '),
  )
}

async function readsFrom(table: string): Promise<[string | null, boolean]> {
  const { stdout } = await captureCommand(Bookmarks, 'bookmarks', table, '--json', ...place())
  const [row] = JSON.parse(stdout).result.rows
  return [row.reads_from, row.rewind_pending]
}

/** The bookings of the source, with those behind the first run added. */
async function addBookings(...lines: string[]): Promise<void> {
  await writeFile(join(source(), 'bookings.csv'), `${lines.join('\n')}\n`, { flag: 'a' })
}

// The tests of this file go on from each other.
test('a run by bookmark alone is said to have reconciled nothing, by bookmarks, verify and runs show', async () => {
  await workingFolder()
  await addBookings('7,70,5508654087,2025-03-03,2025-03-10,2025-03-12,100,USD,confirmed')
  expect((await run('third', '--reconcile', 'never')).code).toBe(0)
  const { stderr } = await captureCommand(Bookmarks, 'bookmarks', ...place())
  expect(stderr).toMatch(
    /^apartments, apartment_attributes, bookings, user_viewing: not reconciled since run third, \d+ s ago; rental-etl run looks/,
  )
  const show = await captureCommand(RunsShow, 'runs:show', 'third', ...place())
  expect(show.stdout).toMatch(
    /\nnot reconciled since run third of \d{4}-\d\d-\d\d \d\d:\d\d: changes and deletions behind/,
  )
  const verified = await captureCommand(Verify, 'verify', ...from())
  expect(verified.stdout).toMatch(/! source_reconciled: 4 bad rows \(warn\)\n +table=\w+ not_reconciled_since=third/)
  expect([verified.code, verified.stderr]).toEqual([0, expect.stringContaining('next: rental-etl run ')])
  expect((await captureCommand(Verify, 'verify', '--fail-on', 'warn', ...from())).code).toBe(3)
})

test('--simulate shows the effect and changes nothing', async () => {
  const { stdout, stderr, code } = await rewind('--to-run', 'first', '--simulate')
  expect([code, stdout, stderr]).toEqual([
    0,
    'bookings: reads from 7; then from 6: 1 rows of raw are read again\n',
    `next: rental-etl bookmarks rewind --to-run first --home ${home()}\n`,
  ])
  expect(await readsFrom('bookings')).toEqual(['7', false])
  expect(await history()).toEqual([])
})

test('without a terminal it needs --yes, and shows the effect before', async () => {
  const { stdout, stderr, code } = await rewind('bookings', '--to-run', 'first')
  expect([code, stdout, ...stderr.split('\n')]).toEqual([
    64,
    '',
    'bookings: reads from 7; then from 6: 1 rows of raw are read again',
    'error: this destroys something, and there is no terminal to ask on: it needs --yes',
    `  try: rental-etl bookmarks rewind bookings --to-run first --yes --home ${home()}`,
    '',
  ])
  expect(await history()).toEqual([])
})

test('a rewind, its reason, what it leaves out, and the restore of it', async () => {
  const { stdout, code } = await rewind('--to-run', 'first', '--yes', '--reason', 'late rows')
  expect([code, stdout]).toEqual([0, 'bookmarks of bookings are rewound\n'])
  expect(await readsFrom('bookings')).toEqual(['6', true])
  expect(await history()).toEqual(['1 rewind bookings 7 rewind 6 pending late rows'])
  expect(await rewind('--to-run', 'first', '--yes')).toMatchObject({
    ...{ code: 0, stdout: 'nothing to do: all of it is read from there already\n' },
  })
  const back = await restore('--yes')
  expect([back.code, back.stdout]).toEqual([0, 'change 1 is taken back\n'])
  expect(await readsFrom('bookings')).toEqual(['7', false])
  expect(await history()).toEqual([
    '2 restore bookings 6 none 7 done ',
    '1 rewind bookings 7 rewind 6 restored late rows',
  ])
  const none = await restore('--yes')
  expect([none.code, none.stderr]).toEqual([
    66,
    expect.stringContaining('error: no change of bookmarks waits for a run\n'),
  ])
})

test('to a day, a selector, and what is not there', async () => {
  const today = new Date().toISOString().slice(0, 10)
  expect(await rewind('--to-date', today, '--simulate')).toMatchObject({ code: 0 })
  const early = await rewind('--to-date', '2000-01-01')
  expect([early.code, steady(early.stderr, folder())]).toEqual([
    66,
    `error: nothing was loaded by 2000-01-01; the first load is of ${today}
  try: rental-etl bookmarks rewind --to-date ${today} --simulate --home FOLDER/home
  try: rental-etl bookmarks reset --home FOLDER/home   # the next run reads everything
`,
  ])
  expect((await rewind('--to-date', '2025-02-30')).code).toBe(64)
  const gone = await rewind('--to-run', 'fourth')
  expect([gone.code, gone.stderr]).toEqual([66, expect.stringContaining('the newest there are third, first\n')])
  expect(await rewind('--to-run', '@latest', '--simulate')).toMatchObject({ code: 0 })
  for (const argv of [[], ['--to-run', 'first', '--to-date', today]]) expect((await rewind(...argv)).code).toBe(64)
})

test('the next run by bookmark reads from there, and it is done with', async () => {
  await rewind('--to-run', 'first', '--yes')
  const { stderr, code } = await run('fourth', '--reconcile', 'never')
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('bookings: only rows beyond booking_id 6 were read; changes before it, and deletions,'),
  ])
  expect(await readsFrom('bookings')).toEqual(['7', false])
  const [newest] = await history()
  expect(newest).toBe('3 rewind bookings 7 rewind 6 used ')
  expect((await restore('3', '--yes')).stderr).toContain(
    'error: change 3 cannot be taken back: a run has loaded since\n',
  )
})

test('a reset stands in the history, too', async () => {
  await captureCommand(BookmarksReset, 'bookmarks:reset', 'bookings', '--yes', '--reason', 'why not', ...place())
  expect((await history())[0]).toBe('4 reset bookings 7 reset  pending why not')
  expect(await restore('4', '--yes')).toMatchObject({ code: 0, stdout: 'change 4 is taken back\n' })
  const { stdout } = await captureCommand(BookmarksHistory, 'bookmarks:history', ...place())
  expect(
    stdout
      .split('\n')
      .slice(0, 4)
      .map((line) => line.trimEnd()),
  ).toEqual([
    expect.stringMatching(/^seq +change +table +from +to +when +state/),
    expect.stringMatching(/^─/),
    expect.stringMatching(/^ *5 +restore of 4 +bookings +whole +7 +\d+ s ago +done/),
    expect.stringMatching(/^ *4 +reset +bookings +7 +whole +\d+ s ago +restored/),
  ])
})

test('the audit names what a bookmark alone would never take, and the command that mends it', async () => {
  await addBookings(
    '0,70,5508654087,2025-03-03,2025-03-10,2025-03-12,100,USD,confirmed',
    '8,70,5508654087,2025-03-03,2025-03-10,2025-03-12,100,USD,confirmed',
  )
  const audit = (...argv: string[]) => captureCommand(BookmarksAudit, 'bookmarks:audit', ...argv, ...from())
  const { stdout, stderr, code } = await audit('bookings')
  expect([code, ...stdout.split('\n')]).toEqual([
    0,
    'bookings, read booking_id beyond 7',
    '  1 came late, behind the bookmark: 0',
    '  1 wait for the next run: 8',
    '1 row that a bookmark alone would never take; a run that reconciles does',
    '',
  ])
  expect(stderr).toBe(`next: rental-etl run --home ${home()} --source csv:${source()}\n`)
  const { result } = JSON.parse((await audit('--json', '--keys', '0')).stdout)
  expect(result.lost).toBe(1)
  expect(result.tables[2].kinds[1]).toEqual({ kind: 'late', lost: true, rows: 1, keys: [] })
  expect((await run('fifth')).code).toBe(0)
  const after = await audit()
  expect(after.stdout.split('\n').slice(-3)).toEqual([
    expect.stringMatching(/^user_viewing, read viewed_at from 2025-03-02 11:30:00: as raw has it$/),
    'a bookmark alone misses nothing',
    '',
  ])
})
