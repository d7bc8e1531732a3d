import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runJobs } from './support/pipeline.js'
import { temporaryFolder } from './support/temporary.js'

const HEADERS = {
  apartments: 'id,price,currency,listing_created_on,is_active,last_modified_timestamp',
  apartment_attributes: 'id,cityname,state',
  bookings:
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status',
  user_viewing: 'user_id,apartment_id,viewed_at',
}
type Tables = Record<keyof typeof HEADERS, string[]>

const booking = (id: number): string => `${id},1,2,2024-02-01,2024-02-05,2024-02-08,300,USD,confirmed`

const FIRST: Tables = {
  apartments: ['2,100,USD,2024-01-01,true,', '9,100,USD,2024-01-01,true,'],
  apartment_attributes: ['2,Oslo,NO', '9,Oslo,NO'],
  bookings: [booking(12), booking(19)],
  user_viewing: ['1,2,2024-01-20 10:00:00', '1,2,2024-01-22 10:00:00'],
}

test('rows that a bookmark alone would never take are counted as late among those inserted', async () => {
  const [home, folder] = [join(await temporaryFolder(), 'home'), await temporaryFolder()]
  const counts = async (runId: string, tables: Tables, fullRefresh = false): Promise<Record<string, string>> => {
    for (const [name, header] of Object.entries(HEADERS))
      await writeFile(join(folder, `${name}.csv`), `${[header, ...tables[name as keyof Tables]].join('\n')}\n`)
    const events = await runJobs({ home, folder, asOf: '2024-02-15', runId, fullRefresh })
    return Object.fromEntries(
      events.flatMap((event) =>
        event.type === 'table_done' && event.layer === 'raw'
          ? [[event.flow.table, `${event.flow.inserted} inserted, ${event.flow.late} late`]]
          : [],
      ),
    )
  }
  // Nothing is late of what is read for the first time.
  expect(Object.values(await counts('r1', FIRST))).toEqual(Array(4).fill('2 inserted, 0 late'))
  const later: Tables = {
    apartments: [...FIRST.apartments, '5,100,USD,2024-01-01,true,', '10,100,USD,2024-01-01,true,'],
    apartment_attributes: [...FIRST.apartment_attributes, '10,Oslo,NO'],
    // One that is there already with other values is no late one.
    bookings: [booking(19).replace('confirmed', 'canceled'), booking(12), booking(13), booking(14), booking(20)],
    // A view of the very moment of the bookmark is read; of two before it neither is.
    user_viewing: [...FIRST.user_viewing, ...['20', '21', '22'].map((day) => `7,2,2024-01-${day} 10:00:00`)],
  }
  expect(await counts('r2', later)).toEqual({
    stg_apartments: '2 inserted, 1 late',
    stg_apartment_attributes: '1 inserted, 0 late',
    stg_bookings: '3 inserted, 2 late',
    stg_user_viewing: '3 inserted, 2 late',
  })
  expect(Object.values(await counts('r3', later))).toEqual(Array(4).fill('0 inserted, 0 late'))
  expect(Object.values(await counts('r4', later, true)).every((text) => text.endsWith(' 0 late'))).toBe(true)
})
