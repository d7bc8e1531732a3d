import { cp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openScratch, type Scratch } from '../../../src/lib/adapters/local/home/scratch.js'
import type { TraceKind } from '../../../src/lib/core/trace/key.js'
import { runJobs } from '../../support/pipeline.js'
import { scratchFolder } from '../../support/temporary.js'
import { stepText, type TraceLines, tracing, writeLines } from '../../support/trace-home.js'

const AS_OF = '2025-03-24'

const booking = (
  id: string,
  more: Partial<Record<'user' | 'listing' | 'on' | 'in' | 'out' | 'status' | 'price', string>> = {},
) => {
  const { user = '7', listing = '1', on = '2025-02-03', status = 'confirmed', price = '100.00' } = more
  return `${id},${user},${listing},${on},${more.in ?? '2025-02-10'},${more.out ?? '2025-02-12'},${price},USD,${status},2`
}

const FIRST: TraceLines = {
  apartments: [
    '1,Loft,web,100.00,USD,2024-12-30,1,2025-01-01',
    '2,House,web,,USD,2024-12-30,1,2025-01-01',
    '3,Shed,web,30.00,USD,2024-12-30,1,2025-01-01',
    '4,Barn,web,40.00,USD,2024-12-30,1,2025-01-01',
    '5,Tower,web,50.00,USD,2025-06-01,1,2025-06-01',
    '6,Ruin,web,60.00,USD,2025-01-05,0,2025-01-01',
    '7,Tent,web,much,USD,2025-01-05,0,2025-01-01',
    '8,Old,web,80.00,USD,2025-01-05,1,2025-01-01',
    '8,New,web,81.00,USD,2025-01-05,1,2025-02-01',
    '8,Oldest,web,82.00,USD,2025-01-05,1,',
  ],
  apartment_attributes: [...['1', '2', '5', '6', '7', '8', '9'].map((id) => `${id},Austin,TX,2`), '4,,TX,2'],
  bookings: [
    booking('1'),
    booking('2', { status: 'Cancelled' }),
    booking('3', { status: '' }),
    booking('4', { on: 'someday' }),
    booking('5', { on: '2025-03-25' }),
    booking('6', { listing: '77' }),
    booking('7', { price: '70.00' }),
    booking('7', { price: '71.00' }),
    booking('8', { on: '' }),
    '9,7,1,2025-02-03',
    booking('10'),
    booking('11'),
    booking('12', { price: 'much' }),
    booking('13', { price: 'much' }),
    booking('14', { user: '', in: '2025-04-01', out: '2025-04-03' }),
    booking('15', { listing: '6', out: '2025-02-14' }),
    booking('16', { user: '8', status: 'pending' }),
    booking(' 017.0', { user: '9', price: 'much' }),
  ],
  user_viewing: ['7,1,2025-01-05T10:00:00Z,1', '7,1,05/01/2025 11:00:00,maybe', '8,1,2025-01-05,1', '9,1,nine,1'],
}

const bookings = FIRST.bookings ?? []
const without = (...starts: string[]): string[] =>
  bookings.filter((line) => !starts.some((one) => line.startsWith(`${one},`)))
/** 10 is gone, 11 has another price, 12 is mended, 13 is gone. */
const SECOND: TraceLines = {
  ...FIRST,
  bookings: [...without('10', '11', '12', '13'), booking('11', { price: '111.00' }), booking('12')],
}
/** What no run has seen: 20 is new, 21 is bad, 1 has another guest, 2 is gone, 3 is bad, 4 is mended, 9 is gone. */
const NOW: TraceLines = {
  ...SECOND,
  bookings: [
    ...(SECOND.bookings ?? []).filter((line) => !/^[123459],/.test(line)),
    booking('1', { price: '101.00' }),
    booking('20'),
    booking('22', { user: '8' }),
    booking('21', { price: 'much' }),
    booking('3', { price: 'much' }),
    booking('4'),
    booking('5', { on: '2025-03-25' }),
  ],
}

let scratch: Scratch
let home = ''
const folder = (name: string): string => join(scratch.path, name)
const run = (
  runId: string,
  lines: string,
  options: { to?: 'extract' | 'raw'; fullRefresh?: boolean; home?: string } = {},
) => runJobs({ home, folder: folder(lines), asOf: AS_OF, runId, ...options })

beforeAll(async () => {
  scratch = await openScratch(tmpdir())
  home = folder('home')
  for (const [name, lines] of Object.entries({ first: FIRST, second: SECOND, now: NOW }))
    await writeLines(folder(name), lines)
  await run('r1', 'first')
  await run('r2', 'second')
})
afterAll(() => scratch.remove())

/** `kind key`, the source that it is looked for in, the verdict, and what to type. */
type Case = [what: string, verdict: string, next?: string[]]

const RUN = ['rental-etl run']

describe('the verdict of a row that the last run has seen', () => {
  const cases: Case[] = [
    ['booking 1', 'in every layer'],
    ['booking 2', 'dropped: raw → curated, not_confirmed:canceled'],
    ['booking 3', 'dropped: raw → curated, not_confirmed:null'],
    ['booking 16', 'dropped: raw → curated, not_confirmed:pending'],
    [
      'booking 4',
      'dropped: source → raw, bad_value:booking_date, quarantined by run r1',
      ['rental-etl quarantine show 3'],
    ],
    ['booking 5', 'dropped: curated → presentation, after_as_of'],
    ['booking 6', 'in every layer'],
    ['booking 7', 'in every layer'],
    ['booking 8', 'dropped: curated → presentation, null_booking_date'],
    ['booking 9', 'dropped: source → raw, bad_row:fields, quarantined by run r1', ['rental-etl quarantine show 2']],
    ['booking 10', 'deleted by run r2'],
    ['booking 11', 'in every layer'],
    ['booking 12', 'in every layer'],
    [
      'booking 13',
      'was bad (bad_value:total_price), and gone from the source by run r2',
      ['rental-etl quarantine show 6'],
    ],
    ['booking 14', 'in every layer'],
    [
      'booking 17',
      'dropped: source → raw, bad_value:total_price, quarantined by run r1',
      ['rental-etl quarantine show 4'],
    ],
    ['booking 99', 'never seen: not in the source, not in any layer'],
    ['listing 1', 'in every layer'],
    ['listing 2', 'dropped: raw → curated, null_price'],
    [
      'listing 3',
      'dropped: raw → curated, no_attributes; apartment_attributes: never seen: not in the source, not in any layer',
    ],
    ['listing 4', 'dropped: raw → curated, null_cityname'],
    ['listing 5', 'dropped: curated → presentation, after_as_of'],
    ['listing 6', 'in every layer'],
    ['listing 7', 'dropped: source → raw, bad_value:price, quarantined by run r1', ['rental-etl quarantine show 1']],
    ['listing 8', 'in every layer'],
    ['listing 9', 'dropped: raw → curated, no_apartment; apartments: never seen: not in the source, not in any layer'],
    ['listing 77', 'never seen: not in the source, not in any layer; bookings name it, as an unknown listing'],
    ['listing 99', 'never seen: not in the source, not in any layer'],
    ['view 7,1,2025-01-05T11:00:00Z', 'in every layer; no metric is made of it'],
    ['view 8,1,2025-01-05', 'in every layer; no metric is made of it'],
    ['view 8,1,2025-01-06', 'never seen: not in the source, not in any layer'],
    ['user 7', 'in every layer'],
    ['user 8', 'dropped: curated → presentation, no_known_booking'],
    [
      'user 9',
      'dropped: source → raw, bad_value:total_price, quarantined by run r1; user_viewing: dropped: source → raw, bad_value:viewed_at, quarantined by run r1',
      ['rental-etl quarantine show 4', 'rental-etl quarantine show 7'],
    ],
    ['user 99', 'never seen: not in the source, not in any layer'],
  ]
  test.each(cases)('%s: %s', async (what, verdict, next = []) => {
    const [kind, key] = what.split(' ') as [TraceKind, string]
    const found = await (await tracing(home, folder('second')))(kind, key)
    expect([found.traced.verdict, found.next]).toEqual([verdict, next])
  })
})

describe('the verdict of a row that has changed since', () => {
  const cases: Case[] = [
    ['booking 1', 'source and raw differ since run r2: the next run takes the change; in every layer', RUN],
    [
      'booking 2',
      'gone from the source, still in raw: the next run deletes it; dropped: raw → curated, not_confirmed:canceled',
      RUN,
    ],
    [
      'booking 3',
      'bad in the source now (bad_value:total_price), in raw as it was: the next run takes it out; dropped: raw → curated, not_confirmed:null',
      RUN,
    ],
    ['booking 4', 'mended in the source (was bad_value:booking_date), not in raw yet: run it', RUN],
    [
      'booking 9',
      'dropped: source → raw, bad_row:fields, quarantined by run r1; gone from the source since',
      ['rental-etl quarantine show 2'],
    ],
    ['booking 20', 'in the source, not in raw yet: run it', RUN],
    [
      'booking 21',
      'bad in the source (bad_value:total_price), not seen by a run yet: the next one quarantines it',
      RUN,
    ],
    [
      'user 8',
      '2 good in the source, 1 in raw: the next run brings them together; dropped: curated → presentation, no_known_booking',
      RUN,
    ],
  ]
  test.each(cases)('%s: %s', async (what, verdict, next = []) => {
    const [kind, key] = what.split(' ') as [TraceKind, string]
    const found = await (await tracing(home, folder('now')))(kind, key)
    expect([found.traced.verdict, found.next]).toEqual([verdict, next])
  })
})

const steps = async (source: string, kind: TraceKind, key: string, of = home): Promise<string[]> =>
  (await (await tracing(of, folder(source)))(kind, key)).traced.steps.map(stepText)

describe('the steps', () => {
  test('of a row that was changed by a run, and again since', async () => {
    expect(await steps('now', 'booking', '11')).toEqual([
      'source bookings found line 10',
      'quarantine bookings absent',
      'lake bookings inserted r1',
      'lake bookings updated r2',
      'raw raw_data.stg_bookings found r2',
      'curated curated.fact_bookings found r2',
      'presentation presentation.vw_occupancy_rate_monthly fed r2',
      'presentation presentation.vw_popular_locations_weekly fed r2',
      'presentation presentation.vw_top_listings_weekly fed r2',
      'presentation presentation.vw_bookings_per_user_weekly fed r2',
      'presentation presentation.vw_avg_booking_duration fed r2',
      'presentation presentation.vw_repeat_customer_rate fed r2 30 rows',
    ])
  })

  test('of a row that was deleted, of one that was bad, and of one that is', async () => {
    const after = ['curated curated.fact_bookings absent', 'presentation presentation not_fed not_curated']
    expect(await steps('second', 'booking', '10')).toEqual([
      ...['source bookings absent', 'quarantine bookings absent'],
      ...['lake bookings inserted r1', 'lake bookings deleted r2', 'raw raw_data.stg_bookings deleted r2'],
      ...after,
    ])
    expect((await steps('second', 'booking', '12')).slice(0, 4)).toEqual([
      'source bookings found line 17',
      'quarantine bookings cleared bad_value:total_price r1 cleared r2',
      'lake bookings inserted r2',
      'raw raw_data.stg_bookings found r2',
    ])
    expect(await steps('second', 'booking', '9')).toEqual([
      'source bookings bad bad_row:fields line 11',
      'quarantine bookings open bad_row:fields r1',
      'lake bookings absent',
      'raw raw_data.stg_bookings absent bad_row:fields r1',
      ...after,
    ])
  })

  test('of copies: the one that survives first, by its time of change or its place', async () => {
    expect((await steps('second', 'booking', '7')).slice(0, 3)).toEqual([
      ...['source bookings found line 9', 'source bookings superseded line 8', 'quarantine bookings absent'],
    ])
    const listing = await (await tracing(home, folder('second')))('listing', '8')
    const [first, ...others] = listing.traced.steps.filter(({ relation }) => relation === 'apartments')
    expect([first?.row, first?.line]).toMatchObject([{ title: 'New', price: '81.00' }, 10])
    expect(others.map(stepText)).toEqual([
      ...['source apartments superseded line 9', 'source apartments superseded line 11'],
      ...['quarantine apartments absent', 'lake apartments inserted r1 3 rows'],
    ])
    expect(others.at(-1)?.row).toMatchObject({ title: 'New' })
    const raw = listing.traced.steps.find(({ relation }) => relation === 'raw_data.stg_apartments')
    expect(raw?.row).toMatchObject({ title: 'New', _superseded: '2', _run_id: 'r1', _load_seq: '1' })
  })

  test('why a booking comes into no row of some views', async () => {
    const fed = async (key: string): Promise<string[]> =>
      (await steps('second', 'booking', key))
        .filter((text) => text.startsWith('presentation'))
        .map((text) => text.replace(/presentation presentation\.vw_|_(weekly|monthly)/g, ''))
    expect(await fed('6')).toEqual([
      ...['occupancy_rate not_fed unknown_listing', 'popular_locations not_fed unknown_listing', 'top_listings fed r2'],
      ...['bookings_per_user fed r2', 'avg_booking_duration fed r2', 'repeat_customer_rate fed r2 30 rows'],
    ])
    expect(await fed('14')).toEqual([
      ...['occupancy_rate not_fed checkin_after_as_of', 'popular_locations fed r2', 'top_listings fed r2'],
      ...['bookings_per_user fed r2', 'avg_booking_duration not_fed checkin_after_as_of'],
      'repeat_customer_rate not_fed null_user_id',
    ])
    expect((await fed('15'))[0]).toBe('occupancy_rate not_fed never_live')
    expect((await fed('5')).filter((text) => !text.endsWith(' not_fed after_as_of'))).toEqual([])
  })

  test('of a user: its rows are counted, the newest are given', async () => {
    const { traced } = await (await tracing(home, folder('second')))('user', '7', 2)
    expect(traced.steps.map(stepText)).toEqual([
      ...['source bookings found 13 rows', 'source user_viewing found 2 rows'],
      ...[1, 2].map(() => 'quarantine bookings cleared bad_value:total_price r1 cleared r2'),
      ...['quarantine bookings open bad_value:booking_date r1', 'quarantine user_viewing absent'],
      ...['raw raw_data.stg_bookings found 10 rows', 'raw raw_data.stg_user_viewing found 2 rows'],
      'curated curated.dim_users found r2',
      'presentation presentation.vw_bookings_per_user_weekly fed r2',
      'presentation presentation.vw_repeat_customer_rate fed r2 30 rows',
    ])
    const newest = traced.steps.find(({ relation }) => relation === 'raw_data.stg_bookings')?.newest
    expect(newest?.map((row) => row['booking_id'])).toEqual(['15', '12'])
    expect(await (await tracing(home, folder('second')))('user', '7', 0)).toMatchObject({
      traced: { steps: traced.steps.map(({ rows }) => ({ rows, newest: [] })) },
    })
  })
})

describe('a home of its own', () => {
  test('where raw is ahead of curated, a row waits, is left out of date, or is still there', async () => {
    await using place = await scratchFolder()
    const own = join(place.path, 'home')
    await run('r1', 'first', { home: own })
    await run('r2', 'second', { home: own, to: 'raw' })
    const verdict = async (key: string) => (await (await tracing(own, folder('second')))('booking', key)).traced
    expect(await verdict('12')).toMatchObject({
      verdict: 'in raw, not in curated yet: raw is ahead',
      reached: 'raw',
      rule: null,
    })
    expect(await verdict('10')).toMatchObject({
      verdict: 'deleted by run r2; curated still has it: raw is ahead',
      reached: 'presentation',
    })
    const changed = await verdict('11')
    expect(changed.verdict).toBe('in every layer; curated is not what raw gives now: raw is ahead')
    expect(changed.steps.find(({ place }) => place === 'curated')).toMatchObject({
      status: 'outdated',
      row: { total_price: '100.00' },
    })
    expect(await verdict('1')).toMatchObject({ verdict: 'in every layer' })
  })

  test('before curated was built, and of an extract that nobody loaded', async () => {
    await using place = await scratchFolder()
    const own = join(place.path, 'home')
    await run('r1', 'first', { home: own, to: 'raw' })
    await run('r2', 'now', { home: own, to: 'extract' })
    const trace = await tracing(own, folder('first'))
    const { traced, next } = await trace('booking', '1')
    expect(next).toEqual(['rental-etl resume'])
    expect(traced.steps.map(stepText).slice(2)).toEqual([
      ...['lake bookings inserted r1', 'lake bookings not_loaded r2', 'raw raw_data.stg_bookings found r1'],
      ...['curated curated.fact_bookings absent', 'presentation presentation not_fed not_built'],
    ])
    const fresh = await trace('booking', '20')
    expect(fresh.traced).toMatchObject({ verdict: 'in an extract that was not loaded', reached: 'lake' })
  })

  test('a full refresh takes rows out without a tombstone, and writes the others again', async () => {
    await using place = await scratchFolder()
    const own = join(place.path, 'home')
    await run('r1', 'first', { home: own })
    await run('r2', 'second', { home: own, fullRefresh: true })
    await run('r3', 'second', { home: own, fullRefresh: true })
    const trace = await tracing(own, folder('second'))
    expect((await trace('booking', '10')).traced.verdict).toBe('deleted by run r2')
    const { steps } = (await trace('booking', '11')).traced
    expect(steps.filter(({ place }) => place === 'lake').map(stepText)).toEqual([
      ...['lake bookings inserted r1', 'lake bookings updated r2', 'lake bookings rewritten r3'],
    ])
  })

  test('files of the lake that are gone or damaged are told, and all else is shown', async () => {
    await using place = await scratchFolder()
    const own = join(place.path, 'home')
    await run('r1', 'first', { home: own })
    await run('r2', 'second', { home: own })
    await rm(join(own, 'data/raw/bookings/run_id=r1'), { recursive: true })
    await writeFile(join(own, 'data/raw/bookings/run_id=r2/part-0.parquet'), 'no parquet')
    const { traced } = await (await tracing(own, folder('second')))('booking', '11')
    const lake = traced.steps.filter(({ place }) => place === 'lake')
    expect(lake.map(({ status, run_id }) => [status, run_id])).toEqual([
      ['gone', 'r1'],
      ['gone', 'r2'],
    ])
    expect(lake.map(({ note }) => note?.split(':')[0])).toEqual([
      'files of loaded rows are not there any more',
      'cannot be read',
    ])
    expect(traced.verdict).toBe('in every layer')
  })

  test('a source that cannot be read is told, by its table alone, and all else is shown', async () => {
    await using place = await scratchFolder()
    const source = join(place.path, 'source')
    await cp(folder('second'), source, { recursive: true })
    await rm(join(source, 'user_viewing.csv'))
    const trace = await tracing(home, source)
    expect((await trace('booking', '1')).traced.verdict).toBe('in every layer')
    const view = (await trace('view', '8,1,2025-01-05')).traced
    expect(view.verdict).toBe('in every layer; no metric is made of it; the source was not read')
    expect(view.steps[0]).toMatchObject({
      status: 'not_read',
      note: expect.stringContaining('user_viewing.csv is missing'),
    })
    const unknown = await (await tracing(home, join(place.path, 'nowhere')))('booking', '99')
    expect([unknown.traced.verdict, unknown.traced.reached, unknown.next]).toEqual([
      ...['not in any layer; the source was not read', null],
      ['rental-etl doctor'],
    ])
  })

  test('Ctrl-C ends it, and is no source that cannot be read', async () => {
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    const found = (await tracing(home, folder('second')))('booking', '1', 3, stop.signal)
    await expect(found).rejects.toThrow('stopped')
  })
})
