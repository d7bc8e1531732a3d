import { describe, expect, test } from 'vitest'
import type { Bookmark } from '../../../../src/lib/core/run/bookmark.js'
import {
  type BookmarkChange,
  changeStates,
  positionsOfDate,
  positionsOfRun,
  restoreOf,
  rewindOf,
} from '../../../../src/lib/core/run/bookmark-change.js'

const MARK: Bookmark = {
  ...{ table: 'bookings', column: 'booking_id', position: '100', raw_rows: 3, last_run: 'r-3' },
  ...{ loaded_at: '2026-05-03T02:00:00Z', reconciled: true, reset_pending: false, rewind_pending: false },
  ...{ not_reconciled_since: undefined, not_reconciled_since_run: undefined, reads_from: '100' },
}
const rewound = (mark: Bookmark, position: string | null) => rewindOf([mark], new Map([[mark.table, position]]))

describe('rewind', () => {
  test('to an earlier position, by the type of the column and not as text', () => {
    expect(rewound(MARK, '9')).toEqual([
      { table: 'bookings', from: { state: 'none', position: '100' }, to: { state: 'rewind', position: '9' } },
    ])
    const views = { ...MARK, table: 'user_viewing', position: '2025-03-02 11:30:00.5', reads_from: undefined }
    expect(rewound(views, '2025-03-02 11:30:00')[0]?.to).toEqual({ state: 'rewind', position: '2025-03-02 11:30:00' })
    expect(rewound(MARK, null)[0]?.to).toEqual({ state: 'rewind', position: null })
  })

  test('never beyond the end of raw, and not where the table is already', () => {
    expect(rewound(MARK, '1000')).toEqual([])
    expect(rewound(MARK, '100')).toEqual([])
    const pending = { ...MARK, rewind_pending: true, reads_from: '9' }
    expect(rewound(pending, '9')).toEqual([])
    expect(rewound(pending, '1000')[0]?.to).toEqual({ state: 'none', position: '100' })
    expect(rewound({ ...MARK, position: undefined, reads_from: undefined }, null)).toEqual([])
  })

  test('takes the place of a reset that waits', () => {
    expect(rewound({ ...MARK, reset_pending: true, reads_from: undefined }, '9')[0]?.from).toEqual({
      state: 'reset',
      position: null,
    })
  })
})

describe('where tables stood', () => {
  const load = (seq: number, run_id: string, position: string | null) => ({
    ...{ seq, run_id, table: 'bookings', position, loaded_at: `2026-05-0${seq}T23:59:59Z` },
  })
  const loads = [load(1, 'a', null), load(2, 'b', '5'), load(3, 'a', '7'), load(4, 'c', '8')]

  test('as a run left them: of a run that loaded twice, the second time', () => {
    expect([...positionsOfRun(loads, 'a')]).toEqual([['bookings', '7']])
  })

  test('a run that is gone: the newest that are there', () => {
    expect(() => positionsOfRun(loads, 'z')).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: 'the load log has no run z; the newest there are c, a, b',
        suggestions: [
          'rental-etl bookmarks rewind --to-run c --simulate',
          'rental-etl bookmarks reset   # the next run reads everything',
        ],
      }),
    )
  })

  test('where the clock went back, what was loaded since the day is read again', () => {
    const days = ['2026-05-01', '2029-01-01', '2026-05-02'].map((day) => `${day}T02:00:00Z`)
    const jumped = loads.slice(0, 3).map((one, index) => ({ ...one, loaded_at: days[index] as string }))
    expect([...positionsOfDate(jumped, '2026-05-03')]).toEqual([['bookings', null]])
    expect([...positionsOfDate(jumped, '2029-01-01')]).toEqual([['bookings', '7']])
  })

  test('at the end of a day, also long after, and not before the first load', () => {
    expect([...positionsOfDate(loads, '2026-05-02')]).toEqual([['bookings', '5']])
    expect([...positionsOfDate(loads, '2030-01-01')]).toEqual([['bookings', '8']])
    expect(() => positionsOfDate(loads, '2026-04-30')).toThrow(
      expect.objectContaining({
        message: 'nothing was loaded by 2026-04-30; the first load is of 2026-05-01',
        suggestions: expect.arrayContaining(['rental-etl bookmarks rewind --to-date 2026-05-01 --simulate']),
      }),
    )
  })
})

describe('taking back', () => {
  const change = (seq: number, kind: BookmarkChange['kind'], table: string, more: Partial<BookmarkChange> = {}) => ({
    ...{ seq, kind, of_seq: null, load_seq: 2, changed_at: '', changed_by: '', reason: null, ...more },
    tables: [
      { table, from: { state: 'none', position: '7' } as const, to: { state: 'reset', position: null } as const },
    ],
  })
  const history = [
    change(1, 'reset', 'bookings', { load_seq: 1 }),
    change(2, 'reset', 'bookings'),
    change(3, 'rewind', 'apartments'),
    change(4, 'rewind', 'bookings'),
    change(5, 'rewind', 'user_viewing'),
    change(6, 'restore', 'user_viewing', { of_seq: 5 }),
  ]

  test('what has become of each', () => {
    expect([...changeStates(history, 2).values()]).toEqual([
      'used',
      'replaced',
      'pending',
      'pending',
      'restored',
      'done',
    ])
    expect([...changeStates(history, 3).values()]).toEqual(['used', 'used', 'used', 'used', 'restored', 'done'])
  })

  test('the newest that waits, or a number: the other way round', () => {
    expect(restoreOf(history, undefined, 2)).toEqual({
      of_seq: 4,
      tables: [{ table: 'bookings', from: { state: 'reset', position: null }, to: { state: 'none', position: '7' } }],
    })
    expect(restoreOf(history, 3, 2).of_seq).toBe(3)
  })

  test.each([
    [1, 2, 'change 1 cannot be taken back: a run has loaded since'],
    [2, 2, 'change 2 cannot be taken back: change 4 of the same table came after it'],
    [5, 2, 'change 5 cannot be taken back: change 6 did that'],
    [6, 2, 'change 6 cannot be taken back: it took one back itself'],
    [9, 2, 'there is no change 9'],
    [undefined, 3, 'no change of bookmarks waits for a run'],
  ])('not number %s after load %s', (seq, load, message) => {
    expect(() => restoreOf(history, seq, load)).toThrow(expect.objectContaining({ code: 'NOT_FOUND', message }))
  })
})
