import { getEventListeners } from 'node:events'
import { copyFile, cp, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { openLocalWarehouse } from '../../../../../src/lib/adapters/local/warehouse/warehouse.js'
import { UNIQUE_KEYS } from '../../../../../src/lib/core/verify/unique-keys.js'
import { warehouseContract } from '../../../../contract/warehouse.js'
import { readAll } from '../../../../support/read-all.js'
import { smallWarehouse } from '../../../../support/small-warehouse.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const { home } = smallWarehouse()

warehouseContract('LocalWarehouse', async () => {
  const own = await temporaryFolder()
  await cp(home(), own, { recursive: true })
  const published = join(own, 'warehouse.duckdb')
  return {
    open: (signal) => openLocalWarehouse(own, signal),
    publish: async (runId) => {
      await copyFile(published, `${published}.next`)
      const db = await Database.open(`${published}.next`)
      await db.run(`update curated.build set run_id = '${runId}'`)
      db.close()
      await rename(`${published}.next`, published)
    },
  }
})

test('many queries under one signal listen to it once', async () => {
  const { signal } = new AbortController()
  await using warehouse = await openLocalWarehouse(home(), signal)
  for (let n = 0; n < 30; n++) await readAll(await warehouse.query('select 1 as n'))
  expect(getEventListeners(signal, 'abort').length).toBe(1)
})

test('kept views give what they gave, by either name, and nothing else may be written there', async () => {
  await using warehouse = await openLocalWarehouse(home())
  const ask = async (sql: string): Promise<unknown[][]> => (await readAll(await warehouse.query(sql))).rows
  const views = ['vw_avg_booking_duration', 'vw_top_listings_weekly']
  const sums = (prefix: string): string =>
    views.map((view) => `select count(*), sum(hash(v)) from ${prefix}${view} v`).join(' union all ')
  const before = await ask(sums('presentation.'))
  await warehouse.keep(views)
  expect(await ask(sums('presentation.'))).toEqual(before)
  expect(await ask(sums(''))).toEqual(before)
  // Computed, and not asked for again.
  expect(JSON.stringify(await ask('explain from presentation.vw_top_listings_weekly'))).not.toContain('fact_bookings')
  expect(await ask('select count(*) > 0 from curated.fact_bookings')).toEqual([[true]])
  await expect(warehouse.query('create table kept.presentation.t as select 1 as n')).rejects.toMatchObject({
    code: 'READ_ONLY_SQL',
  })
})

test('of views that are kept for some readers the other columns are not computed', async () => {
  await using warehouse = await openLocalWarehouse(home())
  const sql = 'select week_start, sum(bookings) as n from presentation.vw_top_listings_weekly group by 1 order by 1'
  const before = await warehouse.read({ sql })
  await warehouse.keep(['vw_top_listings_weekly'], [sql])
  expect(await warehouse.read({ sql })).toEqual(before)
  expect(
    JSON.stringify((await readAll(await warehouse.query('describe presentation.vw_top_listings_weekly'))).rows),
  ).not.toContain('title')
})

test('a view that somebody added reads no file, however it is asked', async () => {
  const folder = await temporaryFolder()
  const secret = join(folder, 'secret.csv')
  await writeFile(secret, 'a\n1\n')
  const own = join(folder, 'home')
  await cp(home(), own, { recursive: true })
  const db = await Database.open(join(own, 'warehouse.duckdb'))
  await db.run(`create view presentation.vw_theirs as select * from read_csv('${secret}')`)
  db.close()
  await using warehouse = await openLocalWarehouse(own)
  const sql = 'select * from presentation.vw_theirs'
  const changed = {
    code: 'WAREHOUSE_STRUCTURE',
    message: expect.stringMatching(/warehouse\.duckdb is not as this tool has made it: Permission Error: /),
  }
  await expect(warehouse.read({ sql })).rejects.toMatchObject(changed)
  await expect(warehouse.stream(sql)).rejects.toMatchObject(changed)
  await expect(warehouse.query(sql)).rejects.toMatchObject({ code: 'READ_ONLY_SQL' })
})

test('a view that cannot be computed, since somebody has changed what it reads, is told as that', async () => {
  await using warehouse = await openLocalWarehouse(home())
  await expect(warehouse.keep(['vw_that_is_gone'])).rejects.toMatchObject({ code: 'WAREHOUSE_STRUCTURE' })
})

test('keys are known to be unique until one stands twice, whichever connection looks', async () => {
  const own = await temporaryFolder()
  await cp(home(), own, { recursive: true })
  const ask = async (): Promise<string[]> => {
    await using warehouse = await openLocalWarehouse(own)
    return [...(await warehouse.knownUnique(UNIQUE_KEYS))].sort()
  }
  expect(await ask()).toEqual(Object.keys(UNIQUE_KEYS).sort())
  const db = await Database.open(join(own, 'warehouse.duckdb'))
  for (const table of ['raw_data.stg_bookings', 'curated.fact_user_views'])
    await db.run(`insert into ${table} from ${table} limit 1`)
  db.close()
  const others = Object.keys(UNIQUE_KEYS).filter((name) => !/^(stg_bookings|fact_user_views)_/.test(name))
  expect(await ask()).toEqual(others.sort())
})

test('statements of one read that fail are told as the first of them, and the next read goes on', async () => {
  await using warehouse = await openLocalWarehouse(home())
  const statements = { one: 'select 1 as n', two: 'select n from gone_first', three: 'select n from gone_later' }
  await expect(warehouse.read(statements)).rejects.toThrow('gone_first')
  expect(await warehouse.read({ one: 'select 1 as n', two: 'select 2 as n' })).toEqual({
    one: [{ n: 1 }],
    two: [{ n: 2 }],
  })
})
