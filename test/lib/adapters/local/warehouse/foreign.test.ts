import { readdir, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import { foreignChanges, guardWarehouse } from '../../../../../src/lib/adapters/local/warehouse/foreign.js'
import { temporaryFolder } from '../../../../support/temporary.js'

let home: string
let wal: string

beforeEach(async () => {
  home = await temporaryFolder()
  wal = join(home, 'warehouse.duckdb.wal')
  const db = await Database.open(join(home, 'warehouse.duckdb'))
  await db.run('create table t as select 1 as n')
  db.close()
})

/** What was put aside, and what it leads to. */
async function asides(): Promise<[string, string][]> {
  const names = (await readdir(home)).filter((name) => name.startsWith('warehouse.duckdb.wal'))
  return Promise.all(names.map(async (name) => [name, await readlink(join(home, name)).catch(() => 'itself')]))
}

const ASIDE = expect.stringMatching(/^warehouse\.duckdb\.wal\.foreign-\d{8}T\d{6}Z$/)

test('a warehouse without a change log: nothing to tell, nothing to put aside', async () => {
  expect(await foreignChanges(homePaths(home))).toBeUndefined()
  expect(await guardWarehouse(homePaths(home))).toEqual([])
  expect(await asides()).toEqual([])
})

test('a change log that is a link to nowhere is told, and the link is put aside', async () => {
  await symlink('/nowhere/at/all', wal)
  expect(await foreignChanges(homePaths(home))).toMatch(
    new RegExp(`^${wal} is a link to nowhere, .* the next run puts it aside$`),
  )
  expect(await guardWarehouse(homePaths(home))).toEqual([
    expect.stringContaining(`${wal} is a link, which no run has made; it was put aside as ${wal}.foreign-`),
  ])
  expect(await asides()).toEqual([[ASIDE, '/nowhere/at/all']])
})

test('so is one that is a link to a file, which stays where it is', async () => {
  const other = join(home, 'other.wal')
  await writeFile(other, '')
  await symlink(other, wal)
  expect(await foreignChanges(homePaths(home))).toMatch(/^another program changed the warehouse: .* put aside/)
  expect(await guardWarehouse(homePaths(home))).toEqual([expect.stringContaining('is a link, which no run has made')])
  expect(await asides()).toEqual([[ASIDE, other]])
})
