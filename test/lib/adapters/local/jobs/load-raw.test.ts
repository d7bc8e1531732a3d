import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { runJobs } from '../../../../support/pipeline.js'
import { SMALL_AS_OF, smallSource } from '../../../../support/small-warehouse.js'
import { temporaryFolder } from '../../../../support/temporary.js'

// Several groups of rows, which the engine's threads would write as they come.
const ROWS = 400_000

test('a full load leaves raw, and what curated has of all its rows, in the order of the source', async () => {
  const folder = await temporaryFolder()
  const [source, home] = [join(folder, 'source'), join(folder, 'home')]
  await smallSource(source)
  const made = await Database.open(':memory:')
  await made.run(`copy (select i % 5000 as user_id, 1 as apartment_id, timestamp '2024-01-01' + to_seconds(i // 2) as viewed_at
      from range(${ROWS}) r(i))
    to '${join(source, 'user_viewing.csv')}' (header)`)
  made.close()
  await runJobs({ home, folder: source, asOf: SMALL_AS_OF, runId: 'r1', allowDeletes: true })
  const db = await Database.open(join(home, 'warehouse.duckdb'), { readOnly: true })
  const falls = (table: string, column: string): Promise<number> =>
    db.count(
      `select count(*) from (select ${column} as own, lag(${column}) over () as before from ${table}) t where own < before`,
    )
  expect(await db.count('select count(*) from raw_data.stg_user_viewing')).toBe(ROWS)
  expect(await falls('raw_data.stg_user_viewing', 'viewed_at')).toBe(0)
  expect(await falls('curated.fact_user_views', 'viewed_timestamp')).toBe(0)
  db.close()
})
