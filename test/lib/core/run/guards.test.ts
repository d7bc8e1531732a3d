import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkGuards, DEFAULT_GUARDS, type Guards, type TableCounts } from '../../../../src/lib/core/run/guards.js'

const table = (changes: Partial<TableCounts>): TableCounts => ({
  table: 'bookings',
  raw_rows: 2000,
  deleted: 0,
  source_rows: 2000,
  quarantined: 0,
  ...changes,
})
const check = (counts: Partial<TableCounts>[], guards: Partial<Guards> = {}, allowDeletes = false) => {
  checkGuards(counts.map(table), { ...DEFAULT_GUARDS, ...guards }, allowDeletes)
}

test('the defaults are those of architecture.md, and bad rows never stop a run unasked', () => {
  expect(DEFAULT_GUARDS).toEqual({ max_deleted: 0.2, max_deleted_min_rows: 1000, max_quarantined: 1 })
})

test.each<[string, Partial<TableCounts>, Partial<Guards>, boolean]>([
  ['nothing is deleted', {}, {}, false],
  ['exactly the share', { deleted: 400 }, {}, false],
  ['everything of a small table', { raw_rows: 1000, deleted: 1000, source_rows: 0 }, {}, false],
  ['everything, allowed once', { deleted: 2000, source_rows: 0 }, {}, true],
  ['all rows bad', { quarantined: 2000 }, {}, false],
  ['exactly the share of bad rows', { quarantined: 100 }, { max_quarantined: 0.05 }, false],
  ['bad rows of a small source', { source_rows: 1000, quarantined: 900 }, { max_quarantined: 0 }, false],
])('lets pass: %s', (_, counts, guards, allowDeletes) => {
  expect(check([counts], guards, allowDeletes)).toBeUndefined()
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
    'bad rows, whether deletes are allowed or not',
    [{ quarantined: 101 }],
    { max_quarantined: 0.05 },
    true,
    {
      code: 'GUARD_MAX_QUARANTINED',
      exit: 'failed',
      message: 'bookings has 101 bad rows of 2000 (5.1 %), more than max_quarantined 5 %; nothing was changed',
      suggestions: ['rental-etl config explain guards.max_quarantined   # where the limit is set'],
    },
  ],
])('stops %s', (_, counts, guards, allowDeletes, error) => {
  expect(() => check(counts, guards, allowDeletes)).toThrow(expect.objectContaining(error))
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
