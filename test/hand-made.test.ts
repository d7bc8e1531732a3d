import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLocalWarehouse } from '../src/lib/adapters/local/warehouse.js'
import { readRelations, runJobs } from './support/pipeline.js'
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

async function newPipeline() {
  const home = await temporaryFolder()
  const folder = await temporaryFolder()
  let runs = 0
  return {
    run: async (files: Files): Promise<void> => {
      for (const [table, text] of Object.entries({ ...EMPTY, ...files }))
        await writeFile(join(folder, `${table}.csv`), text)
      await runJobs({ home, folder, asOf: '2024-06-15', runId: `r${++runs}` })
    },
    rejects: async () => {
      const warehouse = await openLocalWarehouse(home)
      try {
        const rows = await warehouse.all<Record<string, string | null>>(
          'select rule, row_text, first_run_id, cleared_run_id from raw_data.quarantine order by id',
        )
        return rows.map((row) => Object.values(row))
      } finally {
        warehouse.close()
      }
    },
    views: async () => {
      const columns = VIEWS.split(',')
      return (await readRelations(home, { 'raw_data.stg_user_viewing': columns }))['raw_data.stg_user_viewing']
    },
  }
}
