import { expect, test } from 'vitest'
import { checkStructure, readParts } from '../../../../../src/lib/adapters/aws/audit/structure.js'
import { WAREHOUSE_TABLES } from '../../../../../src/lib/core/sql/ddl.js'
import type { Part } from '../../../../../src/lib/core/verify/structure.js'
import type { Row, Warehouse } from '../../../../../src/lib/ports/warehouse.js'

/** The catalog's name of a type. */
const catalogued = ({ type, length = 65_535 }: { type: string; length?: number }): string =>
  type === 'VARCHAR' ? `character varying(${length})` : type.toLowerCase().replace('decimal', 'numeric')

const COLUMNS = WAREHOUSE_TABLES.flatMap(({ name, columns }) =>
  columns.map((column, at): Row => {
    const [schema_name = '', table_name = ''] = name.split('.')
    const data_type = catalogued(column).replace('timestamp', 'timestamp without time zone')
    return { schema_name, table_name, column_name: column.name, data_type, ordinal_position: at + 1 }
  }),
)

const partsOf = (columns: readonly Row[]): Promise<Part[]> => {
  const names = [...new Set(columns.map(({ schema_name, table_name }) => `${schema_name}.${table_name}`))]
  const tables = names.map((name) => {
    const [schema_name = '', table_name = ''] = name.split('.')
    return { schema_name, table_name, table_type: 'TABLE' }
  })
  return readParts({ read: async () => ({ tables, columns }) } as unknown as Warehouse)
}

test('as it was made, also where the catalog tells no lengths, and where the staging tables are not seen', async () => {
  expect(checkStructure(await partsOf(COLUMNS))).toMatchObject({ status: 'pass', bad_rows: 0 })
  const short = COLUMNS.map((row) => ({
    ...row,
    data_type: String(row['data_type']).replace(/(varying)\(\d+\)/, '$1'),
  }))
  expect(checkStructure(await partsOf(short))).toMatchObject({ status: 'pass', bad_rows: 0 })
})

test.each([
  ['character varying(79)', 'is VARCHAR(79) instead of VARCHAR(80)'],
  ['bigint', 'is BIGINT instead of VARCHAR(80)'],
])('a column of type %s in the place of another', async (data_type, problem) => {
  const changed = COLUMNS.map((row) =>
    row['table_name'] === 'stg_bookings' && row['column_name'] === '_run_id' ? { ...row, data_type } : row,
  )
  expect(checkStructure(await partsOf(changed))).toMatchObject({
    status: 'fail',
    bad_rows: 1,
    sample: [{ name: 'raw_data.stg_bookings', column: '_run_id', problem }],
  })
})

test('a staging table of an earlier version', async () => {
  const old = { schema_name: 'raw_data', table_name: 'load_rejects', column_name: 'rule', ordinal_position: 1 }
  const { sample } = checkStructure(await partsOf([...COLUMNS, { ...old, data_type: 'character varying(1000)' }]))
  expect(sample).toContainEqual({ name: 'raw_data.load_rejects', column: '_deleted', problem: 'is missing' })
})
