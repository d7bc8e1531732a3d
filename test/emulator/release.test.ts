import { beforeAll, expect, test } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { STAGING_PLACES, stagingStatements } from '../../src/lib/core/release/redshift-tables.js'
import { curatedScript } from '../../src/lib/core/sql/curated-script.js'
import { createStatements, SCHEMA_VERSION } from '../../src/lib/core/sql/ddl.js'
import { type LoadMode, loadScript } from '../../src/lib/core/sql/load-script.js'
import { filled, type Places, type Step } from '../../src/lib/core/sql/script.js'
import { sharedBox, Warehouse } from './support.js'

// The product's own SQL, as the Data API takes it: each script is one batch, which is one transaction.
const shared = sharedBox()
let warehouse: Warehouse
beforeAll(async () => {
  warehouse = new Warehouse(shared.box)
  await warehouse.do([
    ...createStatements(),
    `insert into raw_data.schema_version values (${SCHEMA_VERSION})`,
    ...stagingStatements(),
  ])
})

const play = (steps: readonly Step[], places: Places): Promise<{ ResultRows?: number | undefined }> =>
  warehouse.do(steps.map((step) => filled(step, places)))

test('the load script and the curated script run, each as one batch', async () => {
  await warehouse.do([
    `insert into raw_data.load_apartments (id, title, price, listing_created_on, last_modified_timestamp, _position, _deleted)
      select 1, 'A flat', 10.00, cast('2024-01-01' as date), cast('2024-01-01 00:00:00' as timestamp), 1, false`,
    "insert into raw_data.load_apartment_attributes (id, cityname, _position, _deleted) values (1, 'Graz', 1, false)",
    `insert into raw_data.load_user_viewing (user_id, apartment_id, viewed_at, _position, _deleted)
      select 7, 1, cast('2024-01-02 10:00:00' as timestamp), 1, false`,
  ])
  const modes = Object.fromEntries(SOURCE_TABLES.map(({ name }) => [name, 'changes'])) as Record<string, LoadMode>
  await play(loadScript({ modes, rejects: true } as Parameters<typeof loadScript>[0]), places())
  const texts = { curated: await named('curated'), ledger: await named('ledger') }
  await play(curatedScript('first', texts), places())
  await play(curatedScript('incremental', texts), places())
  const counted = `select (select count(*) from raw_data.stg_apartments), (select count(*) from curated.dim_listings),
    (select count(*) from curated.fact_user_views), (select count(*) from raw_data.load_log)`
  expect(await warehouse.rows(counted)).toEqual([[1, 1, 1, 4]])
})

function places(): Places {
  const counts = SOURCE_TABLES.flatMap(({ name }) => [
    [`${name}.source_rows`, '1'],
    [`${name}.unchanged`, '0'],
    [`${name}.full`, 'false'],
  ])
  const run = { run_id: 'r1', as_of: '2026-06-30', seq: '1', previous_seq: '0', bookmark_seq: '0' }
  const load = { manifest_hash: 'h', reconciled: 'true', loaded_at: '2026-06-30 00:00:00' }
  return { ...STAGING_PLACES, ...Object.fromEntries(counts), ...run, ...load }
}

async function named(folder: 'curated' | 'ledger' | 'presentation'): Promise<Record<string, string>> {
  return Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text]))
}
