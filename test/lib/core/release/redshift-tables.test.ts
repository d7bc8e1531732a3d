import { expect, test } from 'vitest'
import {
  grantStatements,
  redshiftTables,
  STAGING_PLACES,
  stagingTable,
} from '../../../../src/lib/core/release/redshift-tables.js'
import { WAREHOUSE_TABLES } from '../../../../src/lib/core/sql/ddl.js'

const made = redshiftTables()
const of = (name: string): string => made.find((sql) => sql.startsWith(`create table if not exists ${name} (`)) ?? ''

test('rows of a key lie together, in its order; what has none is left to Redshift', () => {
  expect(of('raw_data.stg_bookings')).toMatch(/ diststyle key distkey \("booking_id"\) sortkey \("booking_id"\)$/)
  expect(of(stagingTable('user_viewing'))).toMatch(
    / distkey \("user_id"\) sortkey \("user_id", "apartment_id", "viewed_at"\)$/,
  )
  expect(of('raw_data.load_log')).toMatch(/ diststyle auto sortkey auto$/)
})

test('every table is made, and one for the files of each source table and of the rejects', () => {
  for (const name of [...WAREHOUSE_TABLES.map((table) => table.name), ...Object.values(STAGING_PLACES)])
    expect(of(name)).not.toBe('')
  expect(of('raw_data.load_log')).toContain('"run_id" varchar(80)')
  expect(of('raw_data.stg_apartments')).toContain('"title" varchar(65535)')
})

test('a loader may write raw and curated, a reader read curated, the views, and how old they are; each name is quoted', () => {
  expect(grantStatements({ loader: 'lo"ader', readers: ['analysts'] })).toEqual([
    'grant usage on schema raw_data to role "lo""ader"',
    'grant select, insert, update, delete on all tables in schema raw_data to role "lo""ader"',
    'grant usage on schema curated to role "lo""ader"',
    'grant select, insert, update, delete on all tables in schema curated to role "lo""ader"',
    'grant usage on schema raw_data to role "analysts"',
    'grant select on raw_data.schema_version to role "analysts"',
    'grant select on raw_data.load_log to role "analysts"',
    'grant usage on schema curated to role "analysts"',
    'grant select on all tables in schema curated to role "analysts"',
    'grant usage on schema presentation to role "analysts"',
    'grant select on all tables in schema presentation to role "analysts"',
  ])
  expect(grantStatements({ readers: [] })).toEqual([])
})
