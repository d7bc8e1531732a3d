import { expect, test } from 'vitest'
import { openRedshift } from '../../../../../src/lib/adapters/aws/redshift/warehouse.js'
import { SCHEMA_VERSION } from '../../../../../src/lib/core/sql/ddl.js'
import type { Warehouse } from '../../../../../src/lib/ports/warehouse.js'
import { type FakeResult, fakeDataApi, texts } from '../../../../support/fake-data-api.js'
import { readAll } from '../../../../support/read-all.js'

const { api, clients, place } = fakeDataApi()
const version = (value: number | null): FakeResult => ({
  columns: [['version', 'int8']],
  pages: [[[value === null ? { isNull: true } : { longValue: value }]]],
})

/** @param answer what comes of statements, but for that of the version */
async function opened(
  answer: (sql: string) => FakeResult = () => texts('x'),
  signal?: AbortSignal,
): Promise<Warehouse> {
  api.answer = (sql) => (sql.includes('schema_version') ? version(SCHEMA_VERSION) : answer(sql))
  return openRedshift({ clients: clients(), ...place }, signal)
}

/** The statements that were asked after it was opened. */
const asked = (): string[][] => api.submits().slice(1)

test('it opens in one trip', async () => {
  await using _ = await opened()
  expect(api.submits()).toEqual([['select max(version) as version from raw_data.schema_version']])
})

test.each<[string, FakeResult]>([
  ['no table', { error: 'relation "raw_data.schema_version" does not exist' }],
  ['no schema', { error: 'schema "raw_data" does not exist' }],
  ['no version', version(null)],
])('a database that has %s has no warehouse yet', async (_, found) => {
  api.answer = () => found
  const error = await openRedshift({ clients: clients(), ...place }).catch((error) => error)
  expect(error).toMatchObject({ code: 'NO_WAREHOUSE', exit: 'not_found' })
  expect(error.message).toContain('workgroup rental, database dev')
})

test('a warehouse that is newer than the tool is not read, and an older one is told', async () => {
  api.answer = () => version(SCHEMA_VERSION + 1)
  await expect(openRedshift({ clients: clients(), ...place })).rejects.toMatchObject({
    code: 'WAREHOUSE_VERSION',
    exit: 'invalid',
  })
  api.answer = () => version(SCHEMA_VERSION - 1)
  const told: string[] = []
  await using _ = await openRedshift({ clients: clients(), ...place }, undefined, (text) => told.push(text))
  expect(told).toEqual([expect.stringContaining(`data version ${SCHEMA_VERSION - 1}`)])
})

test('statements of ours are written for Redshift, and those of a user are sent as they are', async () => {
  await using warehouse = await opened()
  const sql = `select '\\N' as n`
  const doubled = `select '\\\\N' as n`
  await warehouse.read({ one: sql, other: sql })
  await warehouse.stream(sql)
  await warehouse.query(sql)
  expect(asked()).toEqual([[doubled, doubled], [doubled], [expect.stringContaining(sql), sql]])
})

test('the answer of a query is that of the query, and not of what is run before it', async () => {
  await using warehouse = await opened((sql) => texts('QUERY', sql))
  expect(await readAll(await warehouse.query('select 1'))).toEqual({ columns: ['QUERY'], rows: [['select 1']] })
})

test('what a query may not do is refused before anything is sent', async () => {
  await using warehouse = await opened()
  await expect(warehouse.query('drop table curated.build')).rejects.toMatchObject({ code: 'READ_ONLY_SQL' })
  expect(asked()).toEqual([])
})

test('a mistake is at the place in the text of the user', async () => {
  const said = (at: number): string => `syntax error at or near "x"\n  Position: ${at}`
  await using warehouse = await opened((sql) => (sql.startsWith('explain') ? { error: said(45) } : texts('x')))
  await expect(warehouse.query('select 1 x x')).rejects.toMatchObject({ code: 'SQL_ERROR', message: said(9) })
})

test('who may not read is told by name what to have granted', async () => {
  const denied = { error: 'permission denied for relation build' }
  await using warehouse = await opened((sql) => (sql.includes('current_user') ? texts('name', 'IAMR:ann') : denied))
  for (const work of [
    () => warehouse.read({ a: 'select 1 from curated.build' }),
    () => warehouse.stream('select 1 from curated.build'),
    () => warehouse.query('select 1 from curated.build'),
  ]) {
    await expect(work()).rejects.toMatchObject({
      code: 'ACCESS',
      suggestions: [expect.stringContaining('grant select on curated.build to "IAMR:ann"')],
    })
  }
})

test('to keep views asks nothing', async () => {
  await using warehouse = await opened()
  await warehouse.keep(['vw_top_listings_weekly'])
  expect(asked()).toEqual([])
})

test('what still runs when it is closed is cancelled', async () => {
  const warehouse = await opened(() => ({ endless: true }))
  const reading = warehouse.read({ a: 'select 1' }).catch((error) => error)
  await expect.poll(() => api.running()).toHaveLength(1)
  await warehouse[Symbol.asyncDispose]()
  expect(await reading).toMatchObject({ message: 'the warehouse is closed' })
  expect(api.running()).toEqual([])
})
