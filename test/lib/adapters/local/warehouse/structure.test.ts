import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import BookmarksHistory from '../../../../../src/commands/bookmarks/history.js'
import Bookmarks from '../../../../../src/commands/bookmarks/index.js'
import BookmarksReset from '../../../../../src/commands/bookmarks/reset.js'
import Run from '../../../../../src/commands/run.js'
import Verify from '../../../../../src/commands/verify.js'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { SOURCE_TABLES } from '../../../../../src/lib/core/model.js'
import { SCHEMA_VERSION } from '../../../../../src/lib/core/sql/ddl.js'
import { captureCommand } from '../../../../support/capture-command.js'
import { smallHome } from '../../../../support/small-home.js'
import { SMALL_AS_OF } from '../../../../support/small-warehouse.js'
import { temporaryFolder } from '../../../../support/temporary.js'
import { workingFolder } from '../../../../support/working-folder.js'

const { home, source } = smallHome()

/** Makes a warehouse one of version 1: with a hash in each row of raw, and without digests. */
async function asVersion1(path: string): Promise<void> {
  const db = await Database.open(path)
  for (const { raw } of SOURCE_TABLES) {
    await db.run(`alter table raw_data.${raw} add column _row_hash bigint`)
    await db.run(`update raw_data.${raw} set _row_hash = 1`)
  }
  await db.run('alter table raw_data.load_log drop column digest')
  for (const table of ['bookmark_rewinds', 'bookmark_changes']) await db.run(`drop table raw_data.${table}`)
  await db.run('update raw_data.schema_version set version = 1')
  await db.run('checkpoint')
  db.close()
}

test('a warehouse of version 1 is said to be older, and the next run brings it up to this one', async () => {
  await workingFolder()
  const old = join(await temporaryFolder(), 'home')
  await cp(home(), old, { recursive: true })
  const path = join(old, 'warehouse.duckdb')
  await asVersion1(path)
  const place = ['--home', old, '--source', `csv:${source()}`]
  const before = await captureCommand(Verify, 'verify', '--json', ...place)
  const skipped = JSON.parse(before.stdout).result.checks.filter(({ status }: { status: string }) => status === 'skip')
  expect([before.code, skipped.map(({ name }: { name: string }) => name)]).toEqual([0, ['content', 'views_as_defined']])

  expect((await captureCommand(Run, 'run', '--as-of', SMALL_AS_OF, ...place)).code).toBe(0)
  const after = await captureCommand(Verify, 'verify', '--scope', 'all', '--json', ...place)
  const { checks } = JSON.parse(after.stdout).result
  const bad = checks.filter(({ status, severity }: Record<string, string>) => status === 'fail' && severity === 'error')
  expect([after.code, bad]).toEqual([0, []])
  const db = await Database.open(path, { readOnly: true })
  expect(await db.count('select max(version) from raw_data.schema_version')).toBe(SCHEMA_VERSION)
  expect(await db.count("select count(*) from duckdb_columns() where column_name = '_row_hash'")).toBe(0)
  db.close()
})

test('a warehouse of version 2 shows its bookmarks, and gets their history with the first change or run', async () => {
  await workingFolder()
  for (const first of ['change', 'run']) {
    const old = join(await temporaryFolder(), 'home')
    await cp(home(), old, { recursive: true })
    const path = join(old, 'warehouse.duckdb')
    const db = await Database.open(path)
    for (const table of ['bookmark_rewinds', 'bookmark_changes']) await db.run(`drop table raw_data.${table}`)
    await db.run('update raw_data.schema_version set version = 2')
    const digests = await db.all('select digest from raw_data.load_log order by all')
    await db.run('checkpoint')
    db.close()
    const place = ['--home', old]
    const marks = await captureCommand(Bookmarks, 'bookmarks', '-o', 'csv', ...place)
    expect([marks.code, marks.stdout]).toEqual([0, expect.stringContaining('bookings,booking_id,6,6,first')])
    expect((await captureCommand(BookmarksHistory, 'bookmarks:history', '--json', ...place)).code).toBe(0)
    const from = ['--source', `csv:${source()}`]
    const { code } =
      first === 'change'
        ? await captureCommand(BookmarksReset, 'bookmarks:reset', '--yes', ...place)
        : await captureCommand(Run, 'run', '--as-of', SMALL_AS_OF, '--full-refresh', ...place, ...from)
    expect(code).toBe(0)
    const after = await Database.open(path, { readOnly: true })
    expect(await after.count('select max(version) from raw_data.schema_version')).toBe(SCHEMA_VERSION)
    expect(await after.count('select count(*) from raw_data.bookmark_changes')).toBe(first === 'change' ? 4 : 0)
    if (first === 'change')
      expect(await after.all('select digest from raw_data.load_log order by all')).toEqual(digests)
    after.close()
    const verified = await captureCommand(Verify, 'verify', '--json', ...place, ...from)
    expect([verified.code, JSON.parse(verified.stdout).result.verdict]).toEqual([0, 'ok'])
  }
})
