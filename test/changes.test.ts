import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectNaive } from './support/expect-naive.js'
import { readRelations, runJobs } from './support/pipeline.js'
import { temporaryFolder } from './support/temporary.js'

type Tables = Record<'apartments' | 'apartment_attributes' | 'bookings' | 'user_viewing', string[]>

const HEADERS: Record<keyof Tables, string> = {
  apartments: 'id,title,price,currency,listing_created_on,is_active,last_modified_timestamp',
  apartment_attributes: 'id,cityname,state,bedrooms',
  bookings:
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status',
  user_viewing: 'user_id,apartment_id,viewed_at,is_wishlisted',
}
const FIRST: Tables = {
  apartments: [
    '2,Loft,100,USD,2024-01-01,true,',
    '3,Barn,80,EUR,2024-01-10,false,2024-02-20',
    '9,Hut,10,USD,2024-02-01,true,',
  ],
  apartment_attributes: ['2,Oslo,NO,1', '3,Bergen,NO,2', '9,Oslo,NO,1'],
  bookings: [
    '12,1,2,2024-02-01,2024-02-05,2024-02-08,300,USD,confirmed',
    '13,1,2,2024-02-10,2024-02-12,2024-02-13,100,USD,pending',
    '19,2,3,2024-02-11,2024-02-12,2024-02-20,640,EUR,confirmed',
  ],
  user_viewing: ['1,2,2024-01-20 10:00:00,true', '3,2,2024-01-21 10:00:00,false', '2,3,2024-01-22 10:00:00,'],
}

/** One change alone each: what it touches beyond its own table has to follow. */
const CHANGES: [what: string, change: (tables: Tables) => Partial<Tables>][] = [
  ['a price', swap('apartments', '2,Loft,100', '2,Loft,120')],
  ['a city', swap('apartment_attributes', '3,Bergen', '3,Oslo')],
  ['a city that is no longer known', swap('apartment_attributes', '9,Oslo', '9,')],
  ['and is known again', swap('apartment_attributes', '9,,', '9,Bergen,')],
  ['a listing that is closed', swap('apartments', '2024-01-01,true,', '2024-01-01,false,2024-02-09')],
  ['a booking that is canceled', swap('bookings', '640,EUR,confirmed', '640,EUR,Cancelled')],
  ['and confirmed after all', swap('bookings', 'Cancelled', 'CONFIRMED')],
  ['a pending booking that is confirmed', swap('bookings', 'pending', 'confirmed')],
  ['a booking that moves to another user', swap('bookings', '19,2,3', '19,4,3')],
  ['a booking that moves to no user', swap('bookings', '13,1,2', '13,,2')],
  ['a booking that moves to another listing', swap('bookings', '12,1,2', '12,1,9')],
  ['an earlier booking date', swap('bookings', '12,1,9,2024-02-01', '12,1,9,2023-11-20')],
  ['a late row with a low key', add('bookings', '1,5,2,2024-02-14,2024-02-20,2024-02-22,10,USD,confirmed')],
  ['a late view', add('user_viewing', '5,3,2023-12-31 23:59:59,true')],
  ['a view that is wished for', swap('user_viewing', '2024-01-21 10:00:00,false', '2024-01-21 10:00:00,true')],
  ['the last view of a user who did nothing else', drop('user_viewing', '3,2')],
  ['the last booking of a user who did nothing else', drop('bookings', '19,')],
  ['attributes that vanish', drop('apartment_attributes', '3,')],
  ['an apartment that vanishes', drop('apartments', '2,')],
  ['its key used for another', add('apartments', '2,Castle,999,GBP,2024-02-15,true,')],
  ['a booking number used for another', add('bookings', '19,6,2,2024-02-15,2024-02-16,2024-02-17,77,GBP,confirmed')],
  [
    'a second row of a booking, which wins',
    add('bookings', '12,6,2,2024-02-15,2024-02-16,2024-02-17,78,GBP,confirmed'),
  ],
  ['and is gone again', drop('bookings', '12,6')],
  ['a date that is bad', swap('bookings', '2024-02-14', '2024-02-30')],
  ['and is corrected', swap('bookings', '2024-02-30', '2024-02-13')],
]

test('each single change reaches every table and view that it touches', { timeout: 180_000 }, async () => {
  const [home, folder] = [join(await temporaryFolder(), 'home'), await temporaryFolder()]
  const write = async (tables: Tables): Promise<void> => {
    await mkdir(folder, { recursive: true })
    for (const [name, lines] of Object.entries(tables))
      await writeFile(join(folder, `${name}.csv`), `${[HEADERS[name as keyof Tables], ...lines].join('\n')}\n`)
  }
  const run = async (runId: string): Promise<void> => {
    await runJobs({ home, folder, asOf: '2024-02-15', runId })
    await expectNaive(home, folder, '2024-02-15')
  }
  let tables = FIRST
  await write(tables)
  await run('r')
  for (const [at, [what, change]] of CHANGES.entries()) {
    const changed = { ...tables, ...change(tables) }
    expect({ [what]: changed }).not.toEqual({ [what]: tables })
    tables = changed
    await write(tables)
    await run(`r${at}`)
  }
  expect(
    Object.values(
      await readRelations(home, { '(select count(*) as n from raw_data.load_log where full_refresh)': ['n'] }),
    ),
  ).toEqual([[['4']]])
})

function swap(name: keyof Tables, from: string, to: string) {
  return (tables: Tables): Partial<Tables> => ({ [name]: tables[name].map((line) => line.replace(from, to)) })
}

function add(name: keyof Tables, line: string) {
  return (tables: Tables): Partial<Tables> => ({ [name]: [...tables[name], line] })
}

function drop(name: keyof Tables, start: string) {
  return (tables: Tables): Partial<Tables> => ({ [name]: tables[name].filter((line) => !line.startsWith(start)) })
}
