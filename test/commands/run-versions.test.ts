import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import Bookmarks from '../../src/commands/bookmarks/index.js'
import BookmarksReset from '../../src/commands/bookmarks/reset.js'
import Metrics from '../../src/commands/metrics.js'
import Resume from '../../src/commands/resume.js'
import Run from '../../src/commands/run.js'
import Verify from '../../src/commands/verify.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { SCHEMA_VERSION } from '../../src/lib/core/sql/ddl.js'
import { type Captured, captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'

const { home, source } = smallHome()
const place = () => ['--home', home()]
const run = (...more: string[]): Promise<Captured> =>
  captureCommand(Run, 'run', '--as-of', SMALL_AS_OF, '--source', `csv:${source()}`, ...more, ...place())

/** Changes the warehouse as nobody should. */
async function change(...statements: string[]): Promise<void> {
  const db = await Database.open(join(home(), 'warehouse.duckdb'))
  try {
    for (const sql of statements) await db.run(sql)
  } finally {
    db.close()
  }
}

test('a warehouse of an older version is brought up by the next run, and read until then', async () => {
  await change(
    'drop table raw_data.bookmark_rewinds',
    'drop table raw_data.bookmark_changes',
    'update raw_data.schema_version set version = 2',
  )
  const before = await captureCommand(Verify, 'verify', ...place())
  expect([before.code, before.stdout]).toEqual([0, expect.stringContaining('unexplained 0')])
  expect((await captureCommand(Metrics, 'metrics', 'occupancy', '--all', ...place())).code).toBe(0)
  expect((await run()).code).toBe(0)
  const after = await captureCommand(Verify, 'verify', ...place())
  expect([after.code, after.stdout]).toEqual([0, expect.stringContaining('unexplained 0')])
  expect((await captureCommand(BookmarksReset, 'bookmarks:reset', '--yes', ...place())).code).toBe(0)
})

test('one of a newer version is left as it is by every command, with what to do', async () => {
  await change(`update raw_data.schema_version set version = ${SCHEMA_VERSION + 1}`)
  const bytes = await readFile(join(home(), 'warehouse.duckdb'))
  const told = [
    await run(),
    await captureCommand(Resume, 'resume', ...place()),
    await captureCommand(Verify, 'verify', ...place()),
    await captureCommand(Metrics, 'metrics', 'occupancy', ...place()),
    await captureCommand(Bookmarks, 'bookmarks', ...place()),
    await captureCommand(BookmarksReset, 'bookmarks:reset', '--yes', ...place()),
  ]
  for (const { code, stderr } of told) {
    expect([code, stderr]).toEqual([
      65,
      expect.stringContaining(`has data version ${SCHEMA_VERSION + 1}, this tool knows ${SCHEMA_VERSION}`),
    ])
    expect(stderr).toContain('try: rental-etl --version')
  }
  expect((await readFile(join(home(), 'warehouse.duckdb'))).equals(bytes)).toBe(true)
})
