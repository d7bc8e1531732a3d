import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { openLocalWarehouse } from '../../../../../src/lib/adapters/local/warehouse/warehouse.js'
import { readAll } from '../../../../support/read-all.js'
import { smallHome } from '../../../../support/small-home.js'

const { home } = smallHome()

test('many queries under one signal listen to it once', async () => {
  const { signal } = new AbortController()
  const warehouse = await openLocalWarehouse(home(), signal)
  try {
    for (let n = 0; n < 30; n++) await readAll(await warehouse.query('select 1 as n', signal))
    // Of the database itself, and of its queries.
    expect(getEventListeners(signal, 'abort').length).toBe(2)
  } finally {
    warehouse.close()
  }
})

test('kept views give what they gave, by either name, and nothing else may be written there', async () => {
  const warehouse = await openLocalWarehouse(home())
  try {
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
  } finally {
    warehouse.close()
  }
})
