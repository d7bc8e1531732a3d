import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { lakeRelation, rejectsRelation } from '../../../../../src/lib/adapters/local/jobs/lake.js'
import { sourceTable } from '../../../../../src/lib/core/model.js'
import type { LakeFile, Manifest } from '../../../../../src/lib/core/run/manifest.js'
import { lakeColumns, REJECT_COLUMNS } from '../../../../../src/lib/core/sql/ddl.js'
import { literal } from '../../../../../src/lib/core/sql/names.js'
import { memoryDatabase } from '../../../../support/memory-database.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const VIEWS = sourceTable('user_viewing')

let db: Database
let home: string

beforeEach(async () => {
  db = await memoryDatabase()
  home = join(await temporaryFolder(), "it's [a] home")
})

/** A file with one row of NULLs but for these columns, which stand in another order than the model has them. */
async function file(path: string, columns: readonly { name: string; type: string }[], row: Record<string, string>) {
  await mkdir(dirname(join(home, path)), { recursive: true })
  const values = columns
    .toReversed()
    .map(({ name, type }) => `cast(${row[name] === undefined ? 'null' : literal(row[name])} as ${type}) as "${name}"`)
  await db.run(`copy (select ${values.join(', ')}) to ${literal(join(home, path))} (format parquet)`)
  return { path, bytes: 0, rows: 1, sha256: '' } satisfies LakeFile
}

const namesOf = async (relation: string): Promise<unknown[]> =>
  (await db.all(`describe select * from ${relation}`)).map(({ column_name }) => column_name)

test('the rows of all files of a table, in the columns and the order of the model', async () => {
  const files = [
    await file('data/raw/a.parquet', lakeColumns(VIEWS), { user_id: '1', _position: '7' }),
    await file('data/raw/b[1].parquet', lakeColumns(VIEWS), { user_id: '2', _deleted: 'true' }),
  ]
  const relation = lakeRelation(home, VIEWS, files)
  expect(await namesOf(relation)).toEqual(lakeColumns(VIEWS).map(({ name }) => name))
  expect(await db.all(`select user_id, _position, _deleted from ${relation} order by user_id`)).toEqual([
    { user_id: '1', _position: '7', _deleted: null },
    { user_id: '2', _position: null, _deleted: true },
  ])
})

test('a table without files is a relation without rows, of the same columns and types', async () => {
  const shape = (relation: string) =>
    db.all(`select column_name, column_type from (describe select * from ${relation})`)
  const whole = lakeRelation(home, VIEWS, [await file('data/x.parquet', lakeColumns(VIEWS), {})])
  const none = lakeRelation(home, VIEWS, [])
  expect(await db.count(`select count(*) from ${none}`)).toBe(0)
  expect(await shape(none)).toEqual(await shape(whole))
})

test('rejects are those of all tables, each with the name of its own', async () => {
  const reject = (name: string, rule: string) => file(`data/rejected/${name}.parquet`, REJECT_COLUMNS, { rule })
  const manifest = (tables: Record<string, LakeFile[]>) =>
    ({ tables: Object.entries(tables).map(([table, rejected_files]) => ({ table, rejected_files })) }) as Manifest
  const some = rejectsRelation(
    home,
    manifest({
      apartments: [await reject('a', 'no_key')],
      bookings: [],
      user_viewing: [await reject('b', 'bad_date'), await reject('c', 'bad_id')],
    }),
  )
  expect(await db.all(`select table_name, rule from ${some} order by all`)).toEqual([
    { table_name: 'apartments', rule: 'no_key' },
    { table_name: 'user_viewing', rule: 'bad_date' },
    { table_name: 'user_viewing', rule: 'bad_id' },
  ])
  const none = rejectsRelation(home, manifest({ apartments: [], bookings: [] }))
  expect(await db.count(`select count(*) from ${none}`)).toBe(0)
  expect(await namesOf(none)).toEqual(await namesOf(some))
})
