import { expect, test } from 'vitest'
import { readRelations } from '../../../../../src/lib/adapters/aws/redshift/relations.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'
import type { Row } from '../../../../../src/lib/ports/warehouse.js'

const table = (schema_name: string, table_name: string, table_type = 'TABLE'): Row => ({
  schema_name,
  table_name,
  table_type,
})
const column = (table_name: string, column_name: string, data_type: string, ordinal_position: number): Row => ({
  ...{ schema_name: table_name.startsWith('vw') ? 'presentation' : 'curated', table_name },
  ...{ column_name, data_type, ordinal_position },
})
const TABLES = [table('presentation', 'vw_a', 'VIEW'), table('curated', 'theirs'), table('curated', 'build')]
const COLUMNS = [
  column('build', 'as_of', 'date', 2),
  column('build', 'run_id', 'character varying(80)', 1),
  column('vw_a', 'n', 'numeric(38,0)', 1),
  column('theirs', 'x', 'integer', 1),
]

/** Answers by what a statement reads. @param counts rows by table, or what counting all of ours fails with */
function asked(
  counts: Record<string, string>,
  fault?: Error,
): { ask: Parameters<typeof readRelations>[0]; trips: number[] } {
  const trips: number[] = []
  const answer = (sql: string): Row[] => {
    if (sql.includes('svv_redshift_tables')) return TABLES
    if (sql.includes('svv_redshift_columns')) return COLUMNS
    return Object.entries(counts)
      .filter(([name]) => sql.includes(`'${name}'`))
      .map(([name, n]) => ({ name, n }))
  }
  const ask = async (sqls: readonly string[]): Promise<Row[][]> => {
    trips.push(sqls.length)
    if (fault && sqls.some((sql) => sql.includes(`'raw_data.load_log'`))) throw fault
    return sqls.map(answer)
  }
  return { ask, trips }
}

const misfit = new EtlError('x', { code: 'WAREHOUSE_STRUCTURE' })
const BUILD = {
  ...{ schema: 'curated', name: 'build', kind: 'table', rows: '1' },
  columns: [
    { name: 'run_id', type: 'VARCHAR' },
    { name: 'as_of', type: 'DATE' },
  ],
}
const THEIRS = {
  schema: 'curated',
  name: 'theirs',
  kind: 'table',
  rows: '7',
  columns: [{ name: 'x', type: 'INTEGER' }],
}
const VIEW = { schema: 'presentation', name: 'vw_a', kind: 'view', columns: [{ name: 'n', type: 'BIGINT' }] }

test('names, columns and counts of ours are one trip; a table of somebody else is counted in another', async () => {
  const { ask, trips } = asked({ 'curated.build': '1', 'curated.theirs': '7' })
  expect(await readRelations(ask)).toEqual([BUILD, THEIRS, VIEW])
  expect(trips).toEqual([3, 1])
})

test('where a table of ours is missing, those that are there are counted', async () => {
  const { ask, trips } = asked({ 'curated.build': '1', 'curated.theirs': '7' }, misfit)
  expect(await readRelations(ask)).toEqual([BUILD, THEIRS, VIEW])
  expect(trips).toEqual([3, 2, 1])
})

test('what the user may not count has no rows, and any other failure is thrown', async () => {
  const denied = new EtlError('x', { code: 'ACCESS' })
  const { ask } = asked({})
  const found = await readRelations(async (sqls) => {
    if (sqls.some((sql) => sql.includes('count(*)'))) throw denied
    return ask(sqls)
  })
  expect(found.map(({ rows }) => rows)).toEqual([undefined, undefined, undefined])
  const stopped = new Error('stopped')
  let trips = 0
  const stopping = (): Promise<Row[][]> => {
    trips++
    return Promise.reject(stopped)
  }
  await expect(readRelations(stopping)).rejects.toBe(stopped)
  expect(trips).toBe(1)
})
