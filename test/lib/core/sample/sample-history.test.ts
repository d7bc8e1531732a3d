import { expect, test } from 'vitest'
import { SOURCE_TABLES, type SourceTableName, sourceTable } from '../../../../src/lib/core/model.js'
import { dayAfterSample } from '../../../../src/lib/core/sample/sample.js'
import { type SampleRow, sampleRecords, sampleRows, sampleText } from '../../../support/sample-rows.js'

const SCALE = 0.1
const DAYS = 5
const column = (name: string) => (row: SampleRow) => row[name] as string

/** Rows of each day by key. */
function history(name: SourceTableName, dirt = 0): Map<string, SampleRow>[] {
  const { key } = sourceTable(name)
  return Array.from(
    { length: DAYS + 1 },
    (_, day) =>
      new Map(sampleRows(name, { scale: SCALE, dirt, day }).map((row) => [key.map((at) => row[at]).join(), row])),
  )
}

/** Pairs of what a row was on one day and is on the next; undefined where it is not there. */
function changes(days: Map<string, SampleRow>[]): { day: number; before?: SampleRow; after?: SampleRow }[] {
  return days.slice(1).flatMap((today, index) => {
    const yesterday = days[index] as Map<string, SampleRow>
    const keys = new Set([...yesterday.keys(), ...today.keys()])
    return [...keys].flatMap((key) => {
      const [before, after] = [yesterday.get(key), today.get(key)]
      if (JSON.stringify(before) === JSON.stringify(after)) return []
      return [{ day: index + 1, ...(before && { before }), ...(after && { after }) }]
    })
  })
}

test('day 0 is the sample itself, and each day can be made without those before it', () => {
  for (const { name } of SOURCE_TABLES) {
    expect(sampleText(name, { scale: 0.01, day: 0 })).toBe(sampleText(name, { scale: 0.01 }))
    expect(sampleText(name, { scale: 0.01, day: 4 })).toBe(sampleText(name, { scale: 0.01, day: 4 }))
    expect(sampleText(name, { scale: 0.01, day: 4 })).not.toBe(sampleText(name, { scale: 0.01, day: 3 }))
  }
})

test('apartments come, change, flip both ways, go, and come late', () => {
  const days = history('apartments')
  const all = changes(days)
  const highest = [...(days[0] as Map<string, SampleRow>).keys()].sort().at(-1) as string
  const both = all.flatMap(({ day, before, after }) => (before && after ? [{ day, before, after }] : []))
  const flips = both.map(({ before, after }) => `${before.is_active}${after.is_active}`)
  expect(flips).toContain('10')
  expect(flips).toContain('01')
  expect(both.filter(({ before, after }) => before.price !== after.price).length).toBeGreaterThan(10)
  for (const { day, before, after } of both) {
    // Every change of an apartment shows in its timestamp.
    expect(column('last_modified_timestamp')(after).slice(0, 10)).toBe(dayAfterSample(day))
    expect(column('last_modified_timestamp')(after) > column('last_modified_timestamp')(before)).toBe(true)
  }
  const inserted = all.flatMap(({ day, before, after }) => (after && !before ? [{ day, after }] : []))
  expect(inserted.filter(({ after }) => column('id')(after) > highest).length).toBe(DAYS * 2)
  const late = inserted.filter(({ after }) => column('listing_created_on')(after) < '2026-06-30')
  expect(late.length).toBeGreaterThan(0)
  expect(late.every(({ after }) => column('id')(after) < highest)).toBe(true)
  expect(all.filter(({ before, after }) => before && !after).length).toBeGreaterThan(3)
})

test('a deleted key is taken again, by another row', () => {
  for (const name of ['apartments', 'bookings', 'user_viewing'] as const) {
    const days = history(name)
    const again = changes(days).filter(
      ({ day, before, after }) =>
        after &&
        !before &&
        days.slice(0, day - 1).some((earlier) =>
          earlier.has(
            sourceTable(name)
              .key.map((at) => after[at])
              .join(),
          ),
        ),
    )
    expect(again.length, name).toBeGreaterThan(0)
  }
})

test('bookings are made, change their minds, are corrected, go, and come late', () => {
  const all = changes(history('bookings'))
  const both = all.flatMap(({ before, after }) => (before && after ? [{ before, after }] : []))
  const statuses = both.map(({ before, after }) => `${before.booking_status} ${after.booking_status}`)
  expect(statuses).toEqual(
    expect.arrayContaining(['confirmed canceled', 'canceled confirmed', 'pending confirmed', 'confirmed confirmed']),
  )
  expect(both.some(({ before, after }) => before.total_price !== after.total_price)).toBe(true)
  expect(both.some(({ before, after }) => before.num_guests !== after.num_guests)).toBe(true)
  const inserted = all.flatMap(({ day, before, after }) => (after && !before ? [{ day, after }] : []))
  const dated = (day: number) =>
    inserted.filter((row) => row.day === day && row.after.booking_date === dayAfterSample(day))
  for (let day = 1; day <= DAYS; day++) expect(dated(day).length).toBeGreaterThan(15)
  expect(inserted.filter(({ after }) => column('booking_date')(after) < '2026-06-01').length).toBeGreaterThan(3)
  expect(all.filter(({ before, after }) => before && !after).length).toBeGreaterThan(10)
})

test('a clean history has whole keys and nothing that points nowhere, on every day', () => {
  const listings = history('apartments')
  for (const name of ['apartment_attributes', 'bookings', 'user_viewing'] as const) {
    for (const [day, rows] of history(name).entries()) {
      expect(rows.size).toBe(sampleRecords(name, { scale: SCALE, dirt: 0, day }).length)
      const at = name === 'apartment_attributes' ? 'id' : 'apartment_id'
      expect([...rows.values()].filter((row) => !listings[day]?.has(column(at)(row)))).toEqual([])
    }
  }
})

test('odd rows are corrected later, others become odd, and copies come and go', () => {
  const bad = (rows: Map<string, SampleRow>): Set<string> =>
    new Set(
      [...rows.values()]
        .filter((row) => !/^\s*\+?\d+(\.\d+)?\s*$/.test(column('total_price')(row)))
        .map(column('booking_id')),
    )
  const days = history('bookings', 0.3)
  const moves = { mended: 0, spoilt: 0 }
  for (const [index, today] of days.slice(1).entries()) {
    const yesterday = days[index] as Map<string, SampleRow>
    for (const id of bad(yesterday)) if (today.has(id) && !bad(today).has(id)) moves.mended++
    for (const id of bad(today)) if (yesterday.has(id) && !bad(yesterday).has(id)) moves.spoilt++
  }
  expect(moves.mended).toBeGreaterThan(10)
  expect(moves.spoilt).toBeGreaterThan(0)
  const copies = (day: number): Set<string> => {
    const seen = new Set<string>()
    const ids = sampleRows('bookings', { scale: SCALE, dirt: 0.1, day }).map(column('booking_id'))
    return new Set(ids.filter((id) => seen.size === seen.add(id).size))
  }
  const [first, last] = [copies(0), copies(DAYS)]
  expect([...last].some((id) => !first.has(id))).toBe(true)
  expect([...first].some((id) => !last.has(id))).toBe(true)
})
