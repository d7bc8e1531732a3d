import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkGuards, DEFAULT_GUARDS, type Guards, type TableCounts } from '../../../../src/lib/core/run/guards.js'

const table = (changes: Partial<TableCounts>): TableCounts => ({
  table: 'bookings',
  raw_rows: 2000,
  deleted: 0,
  source_rows: 2000,
  quarantined: 0,
  whole: true,
  ...changes,
})
const check = (counts: Partial<TableCounts>[], guards: Partial<Guards> = {}, allowed = false) => {
  const allow = { allow_deletes: allowed, allow_rejects: allowed }
  checkGuards(counts.map(table), { ...DEFAULT_GUARDS, ...guards }, allow)
}

test('the defaults are those of the contracts', () => {
  expect(DEFAULT_GUARDS).toEqual({ max_deleted: 0.2, max_deleted_min_rows: 1000, max_quarantined: 0.5 })
})

test.each<[string, Partial<TableCounts>, Partial<Guards>, boolean]>([
  ['nothing is deleted', {}, {}, false],
  ['exactly the share', { deleted: 400 }, {}, false],
  ['everything of a small table', { raw_rows: 1000, deleted: 1000, source_rows: 0 }, {}, false],
  ['everything, allowed once', { deleted: 2000, source_rows: 0 }, {}, true],
  ['all rows bad, allowed once', { quarantined: 2000 }, {}, true],
  ['half of the rows bad', { quarantined: 1000 }, {}, false],
  ['all but one of nine', { source_rows: 9, quarantined: 8 }, {}, false],
  ['an empty table', { source_rows: 0 }, {}, false],
  ['the few rows beyond a bookmark', { source_rows: 9, quarantined: 9, whole: false }, {}, false],
  ['exactly the share of bad rows', { quarantined: 100 }, { max_quarantined: 0.05 }, false],
])('lets pass: %s', (_, counts, guards, allowed) => {
  expect(check([counts], guards, allowed)).toBeUndefined()
})

test.each<[string, Partial<TableCounts>[], Partial<Guards>, boolean, object]>([
  [
    'one row more than the share, in the second table',
    [{}, { table: 'apartments', raw_rows: 1001, deleted: 201, source_rows: 800 }],
    {},
    false,
    {
      code: 'GUARD_MAX_DELETED',
      exit: 'failed',
      message:
        'apartments would lose 201 of its 1001 rows (20.1 %), more than max_deleted 20 %: the source has 800 rows; nothing was changed',
      suggestions: ['rental-etl run --allow-deletes   # lets it pass once, if the rows are really gone'],
    },
  ],
  [
    'an empty file over a small table, where the limit says so',
    [{ raw_rows: 3, deleted: 3, source_rows: 0 }],
    { max_deleted_min_rows: 0, max_deleted: 0 },
    false,
    {
      code: 'GUARD_MAX_DELETED',
      message:
        'bookings would lose 3 of its 3 rows (100 %), more than max_deleted 0 %: the source has 0 rows; nothing was changed',
    },
  ],
  [
    'bad rows',
    [{ quarantined: 101 }],
    { max_quarantined: 0.05 },
    false,
    {
      code: 'GUARD_MAX_QUARANTINED',
      exit: 'failed',
      message: 'bookings has 101 bad rows of 2000 (5.1 %), more than max_quarantined 5 %; nothing was changed',
      suggestions: [
        'rental-etl run --allow-rejects   # lets it pass once, if the rows are really bad',
        'rental-etl run --dry-run   # once the source is mended',
      ],
    },
  ],
  [
    'bad rows, and says by what most of them are, and what the mapping has to do with it',
    [
      {
        quarantined: 2000,
        worst: {
          rule: 'bad_value:total_price',
          rows: 1990,
          why: '$5 is no DECIMAL(10,2)',
          expression: 'x'.repeat(161),
        },
      },
    ],
    {},
    false,
    {
      message: `bookings has 2000 bad rows of 2000 (100 %), every one of them: 1990 by bad_value:total_price, such as $5 is no DECIMAL(10,2); mapping in rental-etl.yml makes total_price of ${'x'.repeat(160)}…; nothing was changed`,
      suggestions: [
        expect.stringContaining('rental-etl run --allow-rejects'),
        'rental-etl run --dry-run   # once the mapping, or the source, is mended',
      ],
    },
  ],
  [
    'six of ten bad rows, by default',
    [{ source_rows: 10, quarantined: 6 }],
    {},
    false,
    { message: 'bookings has 6 bad rows of 10 (60 %), more than max_quarantined 50 %; nothing was changed' },
  ],
  [
    'a small table of which every row is bad, whatever the limit says',
    [{ source_rows: 2, quarantined: 2 }],
    { max_quarantined: 1 },
    false,
    { message: 'bookings has 2 bad rows of 2 (100 %), every one of them; nothing was changed' },
  ],
  [
    'all of ten rows beyond a bookmark',
    [{ source_rows: 10, quarantined: 10, whole: false }],
    { max_quarantined: 1 },
    false,
    { code: 'GUARD_MAX_QUARANTINED' },
  ],
])('stops %s', (_, counts, guards, allowed, error) => {
  expect(() => check(counts, guards, allowed)).toThrow(expect.objectContaining(error))
})

test('a share is what it says in decimals: exactly so many rows pass, one more does not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 100_000 }), (percent, hundreds) => {
      const guards = { max_deleted: percent / 100, max_quarantined: percent / 100, max_deleted_min_rows: 0 }
      const [rows, limit] = [hundreds * 100, hundreds * percent]
      const counts = { raw_rows: rows, source_rows: rows, deleted: limit, quarantined: limit }
      check([counts], guards)
      expect(() => check([{ ...counts, deleted: limit + 1 }], guards)).toThrow('would lose')
      expect(() => check([{ ...counts, quarantined: limit + 1 }], guards)).toThrow('bad rows')
    }),
    { numRuns: 1000 },
  )
})

test('what is allowed once is allowed for that alone', () => {
  const counts = [table({ deleted: 2000, quarantined: 2000 })]
  const only = (allowed: 'allow_deletes' | 'allow_rejects') => () =>
    checkGuards(counts, DEFAULT_GUARDS, { allow_deletes: false, allow_rejects: false, [allowed]: true })
  expect(only('allow_deletes')).toThrow('bad rows')
  expect(only('allow_rejects')).toThrow('would lose')
})
