import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import Backfill from '../../src/commands/backfill.js'
import Resume from '../../src/commands/resume.js'
import RunsShow from '../../src/commands/runs/show.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'

const { home, source, folder } = smallHome()
const place = () => ['--home', home(), '--source', `csv:${source()}`]
const backfill = (...argv: string[]) => captureCommand(Backfill, 'backfill', ...argv, ...place())
const span = (start: string, end: string) => ['--start', start, '--end', end]

/** as-of date, status, and whether it was done before. */
async function days(...argv: string[]): Promise<{ code: number; days: unknown[][]; ids: string[] }> {
  const { code, stdout } = await backfill(...argv, '--json')
  const rows: Record<string, unknown>[] = JSON.parse(stdout).result.rows
  return {
    code,
    days: rows.map(({ as_of, status, done_before }) => [as_of, status, done_before]),
    ids: rows.map(({ run_id }) => String(run_id)),
  }
}

test('a run a day, once; then nothing is left to do', async () => {
  const asked = span('2025-03-20', '2025-03-22')
  const planned = await days(...asked, '--dry-run')
  expect(planned.days.map(([, status]) => status)).toEqual(['pending', 'pending', 'pending'])
  const did = await days(...asked)
  expect([did.code, ...did.days]).toEqual([
    0,
    ['2025-03-20', 'succeeded', false],
    ['2025-03-21', 'succeeded', false],
    ['2025-03-22', 'succeeded', false],
  ])
  const shown = await captureCommand(RunsShow, 'runs:show', did.ids[1] ?? '', '--json', '--home', home())
  expect(JSON.parse(shown.stdout).result.request).toMatchObject({
    as_of: '2025-03-21',
    backfill: { start: '2025-03-20', end: '2025-03-22', id: did.ids[0] },
  })
  const again = await days(...asked)
  expect(again).toEqual({ ...did, days: did.days.map(([as_of, status]) => [as_of, status, true]) })
  const restarted = await days(...asked, '--restart')
  expect(restarted.ids.filter((id) => did.ids.includes(id))).toEqual([])
})

test('a first day that fails ends as its run does; when it is mended, the same command goes on', async () => {
  const bookings = join(source(), 'bookings.csv')
  await rename(bookings, join(folder(), 'away.csv'))
  const asked = span('2025-03-10', '2025-03-11')
  const failed = await days(...asked)
  expect([failed.code, ...failed.days]).toEqual([65, ['2025-03-10', 'failed', false], ['2025-03-11', 'pending', false]])
  const { code, stderr } = await backfill(...asked)
  expect(code).toBe(65)
  expect(stderr).toMatch(/bookings\.csv/)
  expect(stderr).toMatch(/^next: rental-etl backfill --start 2025-03-10 --end 2025-03-11 /m)
  await rename(join(folder(), 'away.csv'), bookings)
  // The day of the failed run is done by whatever goes on with it.
  expect((await captureCommand(Resume, 'resume', ...place())).code).toBe(0)
  const rest = await days(...asked)
  expect(rest.days).toEqual([
    ['2025-03-10', 'succeeded', true],
    ['2025-03-11', 'succeeded', false],
  ])
})

test('a span is refused that ends before it starts, or names no days', async () => {
  expect((await backfill(...span('2025-03-11', '2025-03-10'))).code).toBe(64)
  expect((await backfill(...span('2025-03-11', '2025-02-30'))).stderr).toContain('"2025-02-30" is no as-of date')
  expect((await backfill('--start', '2025-03-11')).stderr).toContain('--end is missing')
})
