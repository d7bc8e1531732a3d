import { expect, test } from 'vitest'
import { EtlError } from '../../../src/lib/core/errors.js'
import type { Bookmark } from '../../../src/lib/core/run/bookmark.js'
import type { ForeignBookmarks } from '../../../src/lib/ports/bookmarks.js'
import { foreignWarnings } from '../../../src/lib/use-cases/foreign-bookmarks.js'

const mark = (table: string, position: string | undefined): Bookmark => ({
  ...{ table, column: 'id', position, raw_rows: 1, last_run: 'r-1', loaded_at: undefined, reconciled: true },
  ...{ not_reconciled_since: undefined, not_reconciled_since_run: undefined, reset_pending: false },
  ...{ rewind_pending: false, reads_from: position },
})
const of = (positions: ForeignBookmarks['positions']): ForeignBookmarks => ({ name: 'theirs', positions })

test('what stands elsewhere is told, and a moment that is written otherwise is the same', async () => {
  const foreign = of(async () => [
    { table: 'bookings', position: '9' },
    { table: 'apartments', position: '10' },
    { table: 'user_viewing', position: '2025-03-02T11:30:00.500000Z' },
    { table: 'apartment_attributes', position: '3' },
  ])
  const marks = [
    ...[mark('apartments', '10'), mark('apartment_attributes', undefined), mark('bookings', '90')],
    mark('user_viewing', '2025-03-02 11:30:00.5'),
  ]
  expect(await foreignWarnings(foreign, marks)).toEqual([
    'apartment_attributes: theirs stands at 3, raw holds no row; runs read by the warehouse alone',
    'bookings: theirs stands at 9, raw ends at 90; runs read by the warehouse alone',
  ])
})

test('nobody keeps any, or says nothing of a table: nothing is told', async () => {
  expect(await foreignWarnings(undefined, [mark('bookings', '1')])).toEqual([])
  expect(
    await foreignWarnings(
      of(async () => []),
      [mark('bookings', '1')],
    ),
  ).toEqual([])
})

test('what may not be looked at is told; a fault of ours is none of that', async () => {
  const refused = of(() => Promise.reject(new EtlError('u may not glue:GetJobBookmark', { code: 'ACCESS' })))
  expect(await foreignWarnings(refused, [])).toEqual(['theirs was not looked at: u may not glue:GetJobBookmark'])
  await expect(
    foreignWarnings(
      of(() => Promise.reject(new TypeError('bug'))),
      [],
    ),
  ).rejects.toThrow('bug')
})
