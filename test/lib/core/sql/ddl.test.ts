import { expect, test } from 'vitest'
import { CURATED_TABLES, DIM_DATES, SOURCE_TABLES, TECHNICAL_COLUMNS } from '../../../../src/lib/core/model.js'
import {
  BOOKMARK_CHANGES,
  BOOKMARK_REWINDS,
  BUILD,
  CHANGED_KEYS,
  columnNames,
  createStatements,
  createTable,
  LOAD_LOG,
  lakeColumns,
  QUARANTINE,
  REJECT_COLUMNS,
} from '../../../../src/lib/core/sql/ddl.js'
import { memoryDatabase } from '../../../support/memory-database.js'

const COLUMNS = `select table_schema || '.' || table_name as "table", column_name as "column", data_type as type, is_nullable as nullable
  from information_schema.columns where table_schema in ('raw_data', 'curated', 'presentation')
  order by table_schema, table_name, ordinal_position`

/** `table: column type, …` as the model has it; `!` is NOT NULL. */
function expectedTables(): Record<string, string[]> {
  const key = (columns: readonly { name: string; type: string }[], keys: readonly string[]): string[] =>
    columns.map(({ name, type }) => `${name} ${type}${keys.includes(name) ? '!' : ''}`)
  return {
    'raw_data.schema_version': ['version BIGINT'],
    'raw_data.bookmark_resets': ['table_name VARCHAR'],
    'raw_data.bookmark_rewinds': key(BOOKMARK_REWINDS, []),
    'raw_data.bookmark_changes': key(BOOKMARK_CHANGES, []),
    'raw_data.load_log': key(LOAD_LOG, []),
    'raw_data.quarantine': key(QUARANTINE, []),
    'curated.build': key(BUILD, []),
    ...Object.fromEntries(
      SOURCE_TABLES.map((t) => [`raw_data.${t.raw}`, key([...t.columns, ...TECHNICAL_COLUMNS], t.key)]),
    ),
    ...Object.fromEntries([...CURATED_TABLES, DIM_DATES].map((t) => [`curated.${t.name}`, key(t.columns, t.key)])),
    ...Object.fromEntries(Object.entries(CHANGED_KEYS).map(([name, columns]) => [`curated.${name}`, key(columns, [])])),
  }
}

test('the statements make every table of the model on DuckDB, once or twice', async () => {
  const db = await memoryDatabase()
  for (const statement of [...createStatements(), ...createStatements()]) await db.run(statement)
  const rows = await db.all<{ table: string; column: string; type: string; nullable: string }>(COLUMNS)
  const found: Record<string, string[]> = {}
  for (const { table, column, type, nullable } of rows) {
    found[table] ??= []
    found[table].push(`${column} ${type}${nullable === 'NO' ? '!' : ''}`)
  }
  expect(found).toEqual(expectedTables())
})

test('the load log and the quarantine have the columns of architecture.md', () => {
  expect(LOAD_LOG.map(({ name }) => name)).toEqual(
    expect.arrayContaining(
      'seq run_id table_name manifest_hash rows_in rows_out inserted updated unchanged deleted superseded quarantined reconciled bookmark loaded_at'.split(
        ' ',
      ),
    ),
  )
  expect(QUARANTINE.map(({ name }) => name).join(' ')).toBe(
    'id table_name rule key_text row_text occurrence first_run_id cleared_run_id',
  )
  expect(REJECT_COLUMNS.map(({ name }) => name).join(' ')).toBe('rule key_text row_text occurrence _deleted')
})

test('the lake has the source columns in their types, and three technical ones', () => {
  for (const table of SOURCE_TABLES) {
    expect(lakeColumns(table).map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...table.columns.map(({ name, type }) => `${name} ${type}`),
      '_position BIGINT',
      '_nullified VARCHAR',
      '_deleted BOOLEAN',
    ])
  }
})

test('a table statement, and lists of names', () => {
  const columns = [
    { name: 'id', type: 'BIGINT', required: true },
    { name: 'order', type: 'VARCHAR', required: false },
    { name: 'price', type: 'DECIMAL(10,2)', required: true },
  ] as const
  expect(createTable('curated.x', columns, ['id'])).toBe(
    'create table if not exists curated.x ("id" bigint not null, "order" varchar(65535), "price" decimal(10,2))',
  )
  expect(columnNames(columns)).toBe('"id", "order", "price"')
  expect(columnNames(columns, 's.')).toBe('s."id", s."order", s."price"')
})
