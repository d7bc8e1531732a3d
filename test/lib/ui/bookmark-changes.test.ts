import { expect, test } from 'vitest'
import { changesView, effectLine } from '../../../src/lib/ui/bookmark-changes.js'

const END = { state: 'none', position: '1000' } as const
const WHOLE = { state: 'reset', position: null } as const
const EARLIER = { state: 'rewind', position: null } as const

test('what a change does to a table, in a line', () => {
  const line = (from: Parameters<typeof effectLine>[0]['from'], to: typeof from) =>
    effectLine({ table: 'bookings', from, to }, 1234)
  expect([line(END, WHOLE), line(END, EARLIER), line(WHOLE, END)]).toEqual([
    'bookings: reads from 1000; the next run reads it whole, and rebuilds its 1,234 rows in raw',
    'bookings: reads from 1000; then from the beginning: 1,234 rows of raw are read again',
    'bookings: is read whole; then again from 1000, where raw ends',
  ])
})

test('the history: of a restore also what it took back', () => {
  const change = {
    ...{ seq: 2, kind: 'restore' as const, tables: [], of_seq: 1, load_seq: 3, changed_at: '2026-05-04T02:00:00Z' },
    ...{ changed_by: 'ann@host', reason: 'why' },
  } as const
  const { columns, row } = changesView(
    [{ change: { ...change, tables: [] }, table: { table: 'bookings', from: WHOLE, to: END }, state: 'done' }],
    new Date('2026-05-04T05:00:00Z'),
  )
  expect(row([], 0)).toEqual(['2', 'restore of 1', 'bookings', 'whole', '1000', '3 h ago', 'done', 'ann@host', 'why'])
  const style = columns.find(({ name }) => name === 'state')?.style
  expect([style?.('pending'), style?.('used')]).toEqual(['yellow', undefined])
})
