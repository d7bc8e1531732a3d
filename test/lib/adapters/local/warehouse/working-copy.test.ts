import { spawnSync } from 'node:child_process'
import { lstat, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import { publishChange } from '../../../../../src/lib/adapters/local/warehouse/working-copy.js'
import { temporaryFolder } from '../../../../support/temporary.js'

/** Has another program change the warehouse, from beginning to end. */
function changeElsewhere(path: string): void {
  const script = `import { DuckDBInstance } from '@duckdb/node-api'
    const instance = await DuckDBInstance.create(process.argv[1])
    const db = await instance.connect()
    await db.run('create table main.mine as select 1 as a')
    db.closeSync()
    instance.closeSync()`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
}

async function tables(path: string): Promise<string[]> {
  const db = await Database.open(path, { readOnly: true })
  try {
    const rows = await db.all<{ name: string }>(
      `select table_name as name from duckdb_tables() where schema_name = 'main' order by name`,
    )
    return rows.map(({ name }) => name)
  } finally {
    db.close()
  }
}

test('a change by another program meanwhile is kept, and ours is taken back', async () => {
  const home = await temporaryFolder()
  const paths = homePaths(home)
  await publishChange(paths, {}, (db) => db.run('create table main.ours as select 1 as a'))
  const second = publishChange(paths, {}, async (db) => {
    await db.run('create table main.lost as select 1 as a')
    changeElsewhere(paths.warehouse)
  })
  await expect(second).rejects.toMatchObject({ code: 'LOCKED', exit: 'locked' })
  expect(await tables(paths.warehouse)).toEqual(['mine', 'ours'])
  expect(await readdir(home)).toEqual(['warehouse.duckdb'])
  await publishChange(paths, {}, (db) => db.run('create table main.third as select 1 as a'))
  expect(await tables(paths.warehouse)).toEqual(['mine', 'ours', 'third'])
})

test('a warehouse that is a link stays one; what it leads to is replaced, where it lies', async () => {
  const [home, disk] = [await temporaryFolder(), await temporaryFolder()]
  const paths = homePaths(home)
  await symlink(join(disk, 'wh.duckdb'), paths.warehouse)
  for (const name of ['one', 'two'])
    await publishChange(paths, {}, (db) => db.run(`create table main.${name} as select 1 as a`))
  expect((await lstat(paths.warehouse)).isSymbolicLink()).toBe(true)
  expect([await readdir(home), await readdir(disk)]).toEqual([['warehouse.duckdb'], ['wh.duckdb']])
  expect(await tables(paths.warehouse)).toEqual(['one', 'two'])
})
