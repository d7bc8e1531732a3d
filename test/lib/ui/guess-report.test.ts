import { expect, test } from 'vitest'
import { guessReport } from '../../../src/lib/ui/guess-report.js'

test('tables with their columns, what is lacking, and what is NULL', () => {
  const lines = guessReport({
    mapping: {},
    guesses: [
      { table: 'user_viewing', column: null, from: 'views', why: 'by name' },
      { table: 'user_viewing', column: 'user_id', from: 'user_id', why: 'same name' },
      { table: 'user_viewing', column: 'viewed_at', from: 'ts', why: 'by name' },
    ],
    missing: [
      { table: 'bookings', column: null, required: true, why: 'no table of the source looks like it' },
      { table: 'user_viewing', column: 'apartment_id', required: true, why: 'missing in the source' },
      { table: 'user_viewing', column: 'is_wishlisted', required: false, why: 'missing in the source' },
    ],
  })
  expect(lines).toEqual([
    'bookings ← ?   (no table of the source looks like it)',
    'user_viewing ← views   (by name)',
    '  user_id   ← user_id   (same name)',
    '  viewed_at ← ts   (by name)',
    '  apartment_id ← ?   (missing in the source)',
    '  optional, and NULL: is_wishlisted',
  ])
  expect(guessReport({ mapping: {}, guesses: [], missing: [] })).toEqual([])
})
