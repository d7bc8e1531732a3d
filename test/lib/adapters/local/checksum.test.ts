import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { Database } from '../../../../src/lib/adapters/local/engine/database.js'
import { LocalSourceCheck } from '../../../../src/lib/adapters/local/source-check.js'
import { CsvSource } from '../../../../src/lib/adapters/source/csv/csv-source.js'
import { runStart } from '../../../../src/lib/core/run/run-id.js'
import type { CheckResult } from '../../../../src/lib/core/verify/verify.js'
import { runJobs } from '../../../support/pipeline.js'
import { temporaryFolder } from '../../../support/temporary.js'

type Tables = Record<'apartments' | 'apartment_attributes' | 'bookings' | 'user_viewing', string[]>

const LOADED: Tables = {
  apartments: [
    'id,price,currency,listing_created_on,is_active,last_modified_timestamp',
    '2,100,USD,2024-01-01,true,2024-01-05',
    '3,80,EUR,2024-01-10,false,2024-12-31',
  ],
  apartment_attributes: ['id,cityname,state', '2,Oslo,NO', '3,Bergen,NO'],
  bookings: [
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status',
    ...[12, 13, 14, 15, 19].map((id) => `${id},1,2,2024-02-01,2024-02-05,2024-02-08,300,USD,confirmed`),
  ],
  user_viewing: ['user_id,apartment_id,viewed_at,is_wishlisted', '1,2,2024-01-20 10:00:00,true'],
}

// It began at 02:00 of 2024-03-01.
const RUN = '20240301T020000Z-00ab'

let home: string
let folder: string
beforeEach(async () => {
  home = join(await temporaryFolder(), 'home')
  folder = await temporaryFolder()
  await write({})
  await runJobs({ home, folder, asOf: '2024-02-29', runId: RUN })
})

async function write(changed: Partial<Tables>): Promise<void> {
  for (const [name, lines] of Object.entries({ ...LOADED, ...changed }))
    await writeFile(join(folder, `${name}.csv`), `${lines.join('\n')}\n`)
}

const changed = (name: keyof Tables, from: string, to: string): Partial<Tables> => ({
  [name]: LOADED[name].map((line) => line.replace(from, to)),
})
const added = (name: keyof Tables, ...lines: string[]): Partial<Tables> => ({ [name]: [...LOADED[name], ...lines] })

/** Checks that found something, with what they say of it. */
async function found(): Promise<Record<string, Pick<CheckResult, 'status' | 'bad_rows' | 'sample'>>> {
  const check = new LocalSourceCheck({ home, now: () => new Date(), source: () => new CsvSource(folder) })
  const checks = await check.compare()
  expect(checks).toHaveLength(8)
  return Object.fromEntries(
    checks.flatMap(({ name, status, bad_rows, sample }) =>
      bad_rows > 0 ? [[name, { status, bad_rows, sample }]] : [],
    ),
  )
}

test('the source that was loaded does not differ from raw', async () => {
  expect(await found()).toEqual({})
})

test.each([
  [
    'a cell',
    changed('bookings', '13,1,2,2024-02-01', '13,1,2,2024-02-02'),
    {
      status: 'fail',
      bad_rows: 1,
      sample: [
        { booking_id: '13', column: 'booking_date', in_source: '2024-02-02', in_raw: '2024-02-01', problem: 'differs' },
      ],
    },
  ],
  [
    'several cells of a row, one of them to NULL',
    changed('bookings', '13,1,2,2024-02-01,2024-02-05,2024-02-08,300', '13,7,2,2024-02-01,2024-02-05,2024-02-08,'),
    {
      status: 'fail',
      bad_rows: 1,
      sample: [
        { booking_id: '13', column: 'user_id', in_source: '7', in_raw: '1', problem: 'differs' },
        { booking_id: '13', column: 'total_price', in_raw: '300.00', problem: 'differs' },
      ],
    },
  ],
  [
    'a row that is gone',
    { bookings: LOADED.bookings.filter((line) => !line.startsWith('14,')) },
    { status: 'fail', bad_rows: 1, sample: [{ booking_id: '14', problem: 'gone from the source' }] },
  ],
  [
    'a row that was committed late, below the bookmark',
    added('bookings', '16,1,2,2024-02-01,2024-02-05,2024-02-08,300,USD,confirmed'),
    { status: 'fail', bad_rows: 1, sample: [{ booking_id: '16', problem: 'in the source, but not in raw' }] },
  ],
  [
    'a copy of a row',
    added('bookings', LOADED.bookings[2] as string),
    { status: 'fail', bad_rows: 2, sample: [{ booking_id: '13', problem: 'more or fewer copies than raw counts' }] },
  ],
  [
    'a bad row',
    added('bookings', 'x,1,2,2024-02-01,2024-02-05,2024-02-08,300,USD,confirmed'),
    {
      status: 'fail',
      bad_rows: 1,
      sample: [{ key_text: 'x', rule: 'bad_value:booking_id', problem: 'bad in the source' }],
    },
  ],
])('%s is red, with its key, its column and both values', async (_, tables, expected) => {
  await write(tables)
  const all = await found()
  expect(Object.keys(all)).toEqual(['source_content_bookings'])
  const { status, bad_rows, sample } = all['source_content_bookings'] as CheckResult
  // A copy is two rows of one key.
  const told = [...new Map(sample.map((row) => [JSON.stringify(row), row])).values()]
  expect({ status, bad_rows, sample: told }).toEqual(expected)
})

test('what came after the run, or by its own time of change changed after it, is told apart and is not red', async () => {
  await write({
    ...added('bookings', '20,1,2,2024-03-01,2024-03-05,2024-03-08,300,USD,confirmed'),
    ...added('user_viewing', '1,2,2024-01-20 10:00:00.5,true', '9,9,2024-01-20 10:00:00,false'),
    ...changed('apartments', '2,100,USD,2024-01-01,true,2024-01-05', '2,110,USD,2024-01-01,true,2024-03-01 02:00:01'),
  })
  expect(await found()).toEqual({
    source_moved_apartments: {
      status: 'pass',
      bad_rows: 1,
      sample: [
        { id: '2', column: 'price', in_source: '110.00', in_raw: '100.00', problem: 'differs' },
        {
          id: '2',
          column: 'last_modified_timestamp',
          in_source: '2024-03-01 02:00:01',
          in_raw: '2024-01-05 00:00:00',
          problem: 'differs',
        },
      ],
    },
    source_moved_bookings: {
      status: 'pass',
      bad_rows: 1,
      sample: [{ booking_id: '20', problem: 'in the source, but not in raw' }],
    },
    // At the moment of the last view that was seen others may come.
    source_moved_user_viewing: {
      status: 'pass',
      bad_rows: 2,
      sample: ['1', '9'].map((user_id) => ({
        user_id,
        apartment_id: user_id === '1' ? '2' : '9',
        viewed_at: user_id === '1' ? '2024-01-20 10:00:00.5' : '2024-01-20 10:00:00',
        problem: 'in the source, but not in raw',
      })),
    },
  })
})

test.each([
  ['with a time of change before the run', '2024-02-29 10:00:00'],
  ['with the time of change that it had', '2024-01-05'],
])('an apartment that changed %s is red', async (_, time) => {
  await write(changed('apartments', '2,100,USD,2024-01-01,true,2024-01-05', `2,110,USD,2024-01-01,true,${time}`))
  expect(Object.keys(await found())).toEqual(['source_content_apartments'])
})

test('a time of change that lies ahead says nothing where it did not change', async () => {
  await write(changed('apartments', '3,80,', '3,81,'))
  expect(Object.keys(await found())).toEqual(['source_content_apartments'])
})

test('what somebody altered in raw is named, all of it is counted, and five rows are shown', async () => {
  const db = await Database.open(join(home, 'warehouse.duckdb'))
  await db.run(`update raw_data.stg_bookings set currency = 'X', num_guests = 9`)
  db.close()
  const { source_content_bookings: check } = await found()
  expect(check?.bad_rows).toBe(5)
  expect(check?.sample).toEqual(
    ['12', '12', '13', '13', '14'].map((booking_id, at) =>
      at % 2 === 0
        ? { booking_id, column: 'currency', in_source: 'USD', in_raw: 'X', problem: 'differs' }
        : { booking_id, column: 'num_guests', in_raw: '9', problem: 'differs' },
    ),
  )
})

test('the start of a run is read from an id that the tool made, and from no other', () => {
  expect(runStart(RUN)).toBe('2024-03-01 02:00:00')
  expect(['nightly-2024-03-01', '20240301T020000Z', `${RUN}0`].map(runStart)).toEqual([undefined, undefined, undefined])
})
