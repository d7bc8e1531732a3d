import { rm } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  after,
  booking,
  bookings,
  bookingsDays,
  type Day,
  expectAsOnce,
  FIRST,
  home,
  load,
  plainFile,
  writeTable,
} from '../../../../support/bookings-days.js'
import { PATIENCE, tries } from '../../../../support/invariants.js'

bookingsDays()

describe('all of a file is read', () => {
  beforeEach(() => after('a plain file', plainFile))

  test.each<[string, readonly string[], Partial<Day>]>([
    [
      'where much changed',
      FIRST.map((row, at) => (at % 20 ? row : booking(1000 + at, 5))),
      { files: 1, extracted: 150 },
    ],
    ['where a new key stands in what is there still', [...FIRST, booking(1500, 8)], { files: 0, extracted: 2 }],
    [
      'where a key takes the place of another one, and stands where it stood as well',
      FIRST.with(2500, booking(1500, 8)),
      { files: 0, extracted: 2, tombstones: 1 },
    ],
    ['where a record does not fit', FIRST.with(70, '1,2'), { files: 0, extracted: 0, tombstones: 1 }],
  ])('%s', async (_, rows, found) => {
    await writeTable('bookings', rows)
    expect(await load()).toMatchObject(found)
    await expectAsOnce()
    // And what is then known is right again.
    await writeTable('bookings', FIRST)
    await load()
    await writeTable('bookings', FIRST.with(8, booking(1008, 6)))
    expect(await load()).toMatchObject({ extracted: 1, tombstones: 0 })
    await expectAsOnce()
  })
})

const COPIED = [booking(1500, 9), booking(1500, 300), booking(1600, 300)]
const BAD = [`x${booking(1)}`, `x${booking(1)}`, booking(2).replace('2024', 'x')]

describe('of a file with bad rows and copies of keys', () => {
  const dirty = (...more: string[]): string[] => [
    ...FIRST.slice(0, 900),
    ...BAD,
    ...FIRST.slice(900),
    ...COPIED,
    ...more,
  ]

  beforeEach(() =>
    after('a dirty file', async () => {
      await writeTable('bookings', dirty())
      // Which of its records are no rows of raw for themselves is known when it is compared.
      expect(await load()).toMatchObject({ files: 0, extracted: 3003 })
      await writeTable('bookings', dirty(booking(9000)))
      expect(await load()).toMatchObject({ files: 1, extracted: 1 })
    }),
  )

  test.each<[string, readonly string[], Partial<Day>]>([
    ['a row that is another', dirty(booking(9000)).with(70, booking(1070, 5)), { extracted: 1 }],
    ['a copy more', dirty(booking(9000), booking(1500, 5)), { extracted: 4 }],
    ['a copy less', dirty(booking(9000)).filter((row) => row !== COPIED[0]), { extracted: 2 }],
    ['no copy more', dirty(booking(9000)).filter((row) => !COPIED.includes(row)), { tombstones: 2 }],
    ['a first row of a key that now has two', dirty(booking(9000), booking(9000, 2)), { extracted: 2 }],
    ['a bad row that is another', dirty(booking(9000)).with(900, `y${booking(1)}`), { extracted: 0 }],
    ['a bad row less', dirty(booking(9000)).toSpliced(901, 1), { extracted: 0 }],
    ['a bad row more', dirty(booking(9000), `x${booking(1)}`), { extracted: 0 }],
    ['a row that went bad', dirty(booking(9000)).with(70, `x${booking(1070)}`), { tombstones: 1 }],
    ['a bad row that is good now', dirty(booking(9000)).with(902, booking(2)), { extracted: 1 }],
  ])('%s', async (_, rows, found) => {
    await writeTable('bookings', rows)
    expect(await load()).toMatchObject({ files: 2, ...found })
    await expectAsOnce()
    await writeTable('bookings', dirty())
    expect((await load()).files).toBeGreaterThan(1)
    await expectAsOnce()
  })
})

test('a file of which every hundredth row is bad is compared whole, and no list is made', async () => {
  const rows = FIRST.map((row, at) => (at % 100 ? row : `x${row}`))
  await writeTable('bookings', rows)
  await load()
  for (const price of [1, 2]) {
    await writeTable('bookings', rows.with(70, booking(1070, price)))
    expect(await load()).toEqual({ files: 0, extracted: 1, tombstones: 0 })
  }
})

/** A day's changes to the rows of the day before. */
const change = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ act: fc.constant('other' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('gone' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('new' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('moved' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('copied' as const), at: fc.nat(), n: fc.constant(1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('bad' as const), at: fc.nat(), n: fc.constant(1) }) },
)
/** Days of each kind. */
const OFTEN: Change[][] = [
  [{ act: 'other', at: 700, n: 2 }],
  [{ act: 'copied', at: 100, n: 1 }],
  [{ act: 'gone', at: 900, n: 5 }],
  [{ act: 'bad', at: 300, n: 1 }],
]
type Change = { act: 'other' | 'gone' | 'new' | 'moved' | 'copied' | 'bad'; at: number; n: number }

function changed(rows: readonly string[], { act, at, n }: Change, fresh: () => number): string[] {
  const place = at % Math.max(1, rows.length)
  const some = rows.slice(place, place + n)
  if (act === 'other')
    return rows.toSpliced(
      place,
      some.length,
      ...some.map((row) => booking(Number.parseInt(row, 10) || fresh(), at % 900)),
    )
  if (act === 'gone') return rows.toSpliced(place, some.length)
  if (act === 'new') return rows.toSpliced(place, 0, ...Array.from({ length: n }, () => booking(fresh())))
  if (act === 'moved') return rows.toSpliced(place, some.length).toSpliced((at * 7) % rows.length, 0, ...some)
  if (act === 'copied') return rows.toSpliced((at * 7) % rows.length, 0, ...some)
  return rows.toSpliced(place, 0, 'x,1,1,,,,,,')
}

test(
  'days of changes leave raw as if the source had been loaded once',
  async () => {
    const seen = { few: 0, all: 0 }
    const history = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 4 })
    const property = fc.asyncProperty(history, async (daysOfChanges) => {
      await rm(home, { recursive: true, force: true })
      let next = 50_000
      let rows: string[] = bookings(1000, 3000)
      await writeTable('bookings', rows)
      await load()
      for (const changes of daysOfChanges) {
        rows = changes.reduce((before, one) => changed(before, one, () => next++), rows)
        // A copy or a bad row stays for a day.
        await writeTable('bookings', rows)
        seen[(await load()).files > 1 ? 'few' : 'all']++
        await expectAsOnce()
        rows = [...new Map(rows.filter((row) => !row.startsWith('x')).map((row) => [row.split(',')[0], row])).values()]
      }
    })
    await fc.assert(property, { ...tries(3), examples: [[OFTEN]], endOnFailure: true })
    expect(Math.min(seen.few, seen.all)).toBeGreaterThan(1)
  },
  PATIENCE.timeout,
)
