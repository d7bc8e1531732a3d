import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLocalWarehouse } from '../src/lib/adapters/local/warehouse/warehouse.js'
import type { TableFlow } from '../src/lib/core/run/run.js'
import { readLedger, readRelations, runJobs } from './support/pipeline.js'
import { temporaryFolder } from './support/temporary.js'

const EMPTY = {
  apartments: 'id,price,currency,listing_created_on,is_active,last_modified_timestamp\n',
  apartment_attributes: 'id,cityname,state\n',
  bookings:
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status\n',
  user_viewing: 'user_id,apartment_id,viewed_at,is_wishlisted,call_to_action\n',
}
const VIEWS = 'user_id,apartment_id,viewed_at,is_wishlisted,call_to_action'

type Files = Partial<Record<keyof typeof EMPTY, string>>

test('a record with an empty field too many does not fit the header, wherever it stands', async () => {
  const pipeline = await newPipeline()
  const lines = [
    VIEWS,
    '1,1,2024-01-01,true,x,',
    '2,1,2024-01-01,true,x',
    '3,1,2024-01-01,true,x,,',
    '4,1,2024-01-01,,,""',
  ]
  await pipeline.run({ user_viewing: `${lines.join('\n')}\n` })
  expect(await pipeline.rejects()).toEqual([
    ['bad_row:fields', '["1","1","2024-01-01","true","x",""]', 'r1', null],
    ['bad_row:fields', '["3","1","2024-01-01","true","x","",""]', 'r1', null],
    ['bad_row:fields', '["4","1","2024-01-01","","",""]', 'r1', null],
  ])
  expect(await pipeline.views()).toEqual([['2', '1', '2024-01-01T00:00:00Z', 'true', 'x']])
})

test('the flow of a full refresh is the state, bad rows that were known included', async () => {
  const pipeline = await newPipeline()
  const files = { user_viewing: `${VIEWS}\nx,1,2024-01-01,true,a\n1,1,2024-01-01,maybe,a\n` }
  await pipeline.run(files)
  const flows = await pipeline.run(files, { fullRefresh: true })
  const { ledger } = await readLedger(pipeline.home)
  const state = ledger.find(({ table }) => table === 'stg_user_viewing')
  const flow = flows.find(({ table }) => table === 'stg_user_viewing')
  const line = {
    rows_in: 2,
    rows_out: 1,
    superseded: 0,
    quarantined: { 'bad_value:user_id': 1 },
    nullified: { is_wishlisted: 1 },
    unexplained: 0,
  }
  expect({ flow, state }).toMatchObject({ flow: line, state: line })
})

test('a bad row keeps its id and first run when the columns of the file change places', async () => {
  const pipeline = await newPipeline()
  await pipeline.run({ user_viewing: `${VIEWS}\nx,1,2024-01-01,true,a\n` })
  await pipeline.run({
    user_viewing: 'apartment_id,user_id,viewed_at,is_wishlisted,call_to_action\n1,x,2024-01-01,true,a\n',
  })
  expect((await pipeline.rejects()).map(([rule, , first, cleared]) => [rule, first, cleared])).toEqual([
    ['bad_value:user_id', 'r1', null],
  ])
})

test('the flow of curated tells rows that changed from rows that were only looked at', async () => {
  const pipeline = await newPipeline()
  const bookings = (status: string) =>
    `${EMPTY.bookings}1,7,,2024-01-01,,,5,USD,${status}\n2,8,,2024-01-01,,,5,usd,confirmed\n`
  await pipeline.run({ bookings: bookings('pending') })
  const flows = await pipeline.run({ bookings: bookings('Pending').replace('usd', 'USD') })
  expect(flows.filter(({ table }) => table === 'dim_users' || table === 'fact_bookings')).toMatchObject([
    { table: 'fact_bookings', inserted: 0, updated: 0, unchanged: 1, deleted: 0 },
    { table: 'dim_users', inserted: 0, updated: 0, unchanged: 2, deleted: 0 },
  ])
})

async function newPipeline() {
  const home = await temporaryFolder()
  const folder = await temporaryFolder()
  let runs = 0
  return {
    home,
    run: async (files: Files, { fullRefresh = false } = {}): Promise<TableFlow[]> => {
      for (const [table, text] of Object.entries({ ...EMPTY, ...files }))
        await writeFile(join(folder, `${table}.csv`), text)
      const events = await runJobs({ home, folder, asOf: '2024-06-15', runId: `r${++runs}`, fullRefresh })
      return events.flatMap((event) => (event.type === 'table_done' ? [event.flow] : []))
    },
    rejects: async () => {
      await using warehouse = await openLocalWarehouse(home)
      const { rows } = await warehouse.read<{ rows: Record<string, string | null> }>({
        rows: 'select rule, row_text, first_run_id, cleared_run_id from raw_data.quarantine order by id',
      })
      return rows.map((row) => Object.values(row))
    },
    views: async () => {
      const columns = VIEWS.split(',')
      return (await readRelations(home, { 'raw_data.stg_user_viewing': columns }))['raw_data.stg_user_viewing']
    },
  }
}
