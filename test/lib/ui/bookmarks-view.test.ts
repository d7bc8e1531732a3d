import { expect, test } from 'vitest'
import { bookmarksFooter, bookmarksView } from '../../../src/lib/ui/bookmarks-view.js'

const MARK = {
  table: 'user_viewing',
  column: 'viewed_at',
  position: '2025-03-02 11:30:00.5' as string | undefined,
  raw_rows: 198_856,
  last_run: 'r-1' as string | undefined,
  loaded_at: '2026-05-04T02:00:00Z' as string | undefined,
  reconciled: true,
  not_reconciled_since: undefined as string | undefined,
  not_reconciled_since_run: undefined as string | undefined,
  reset_pending: false,
  rewind_pending: false,
  reads_from: '2025-03-02 11:30:00.5' as string | undefined,
}

test('how far, how long ago, and what is left to be looked for', () => {
  const marks = [
    MARK,
    { ...MARK, not_reconciled_since: '2026-05-01T02:00:00Z' },
    { ...MARK, reset_pending: true },
    { ...MARK, rewind_pending: true },
    { ...MARK, position: undefined, raw_rows: 0, last_run: undefined, loaded_at: undefined },
  ]
  const { columns, row } = bookmarksView(marks, new Date('2026-05-04T05:00:00Z'))
  const style = columns.find(({ name }) => name === 'reconciled')?.style
  expect(marks.map((_, at) => row([], at))).toEqual([
    ['user_viewing', 'viewed_at', '2025-03-02 11:30:00', '198,856', '3 h ago', 'yes', 'r-1'],
    ['user_viewing', 'viewed_at', '2025-03-02 11:30:00', '198,856', '3 h ago', 'no, 3 d ago', 'r-1'],
    ['user_viewing', 'viewed_at', '2025-03-02 11:30:00', '198,856', '3 h ago', 'reset pending', 'r-1'],
    ['user_viewing', 'viewed_at', '2025-03-02 11:30:00', '198,856', '3 h ago', 'rewind pending', 'r-1'],
    ['user_viewing', 'viewed_at', null, '0', null, null, null],
  ])
  expect([style?.('yes'), style?.('no, 3 d ago')]).toEqual([undefined, 'yellow'])
})

test('below the table: since which run nothing was looked for, and where a rewind reads from', () => {
  const now = new Date('2026-05-04T05:00:00Z')
  const since = { not_reconciled_since: '2026-05-01T02:00:00Z', not_reconciled_since_run: 'r-7' }
  expect(bookmarksFooter([MARK], now)).toBeUndefined()
  expect(
    bookmarksFooter(
      [
        { ...MARK, table: 'bookings', ...since },
        { ...MARK, ...since, rewind_pending: true },
        { ...MARK, rewind_pending: true, reads_from: undefined },
      ],
      now,
    ),
  ).toBe(
    [
      'bookings, user_viewing: not reconciled since run r-7, 3 d ago; rental-etl run looks for changes and deletions',
      'user_viewing: rewound; run --reconcile never reads from 2025-03-02 11:30:00',
      'user_viewing: rewound; run --reconcile never reads from the beginning',
    ].join('\n'),
  )
})
