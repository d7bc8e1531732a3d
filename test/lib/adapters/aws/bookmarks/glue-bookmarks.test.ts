import { expect, test } from 'vitest'
import { GlueBookmarks, positionsOf } from '../../../../../src/lib/adapters/aws/bookmarks/glue-bookmarks.js'
import type { AwsClients } from '../../../../../src/lib/adapters/aws/clients.js'
import { named } from '../../../../fakes/aws-runs.js'

/** Glue, of which each call is answered, or fails. */
function glue(answer: () => unknown): { calls: object[]; bookmarks: GlueBookmarks } {
  const calls: object[] = []
  const send = async (command: { input: object }): Promise<unknown> => {
    calls.push({ [command.constructor.name.replace('Command', '')]: command.input })
    return answer()
  }
  const clients = { glue: async () => ({ send }) } as unknown as Pick<AwsClients, 'glue'>
  return { calls, bookmarks: new GlueBookmarks(clients, 'extract_raw') }
}
const fails = (error: Error) => () => {
  throw error
}

test('the positions of an entry, by the table whose context it is, as deep as they stand', () => {
  const entry = {
    bookings: { booking_id: '7' },
    apartments: { jdbc: { keys: JSON.stringify({ id: 5 }) } },
    user_viewing: { viewed_at: '2025-03-02 11:30:00.5', other: { viewed_at: '2025-03-02 11:30:00.5' } },
    apartment_attributes: { id: '1', more: { id: '2' } },
  }
  expect(positionsOf(JSON.stringify(entry))).toEqual([
    { table: 'apartments', position: '5' },
    { table: 'bookings', position: '7' },
    { table: 'user_viewing', position: '2025-03-02 11:30:00.5' },
  ])
})

test.each(['', '{', 'null', '"x"', '{}', '{"bookings":null}', '{"bookings":"{"}'])(
  'what is in no form that is known says nothing: %s',
  (entry) => expect(positionsOf(entry)).toEqual([]),
)

test('the entry of the job that extracts is asked for, and reset', async () => {
  const { calls, bookmarks } = glue(() => ({ JobBookmarkEntry: { JobBookmark: '{"bookings":{"booking_id":"7"}}' } }))
  expect(await bookmarks.positions()).toEqual([{ table: 'bookings', position: '7' }])
  expect(await bookmarks.reset()).toEqual([])
  const job = { JobName: 'extract_raw' }
  expect(calls).toEqual([{ GetJobBookmark: job }, { ResetJobBookmark: job }])
})

test('before the first run there is none to look at or to reset', async () => {
  const { bookmarks } = glue(fails(named('EntityNotFoundException')))
  expect([await bookmarks.positions(), await bookmarks.reset()]).toEqual([[], []])
})

test('a reset that is refused is told, and a look that is throws', async () => {
  const { bookmarks } = glue(fails(named('AccessDenied')))
  expect(await bookmarks.reset()).toEqual([
    "Glue's own bookmark of job extract_raw was not reset, on which nothing rests: AccessDenied",
  ])
  await expect(bookmarks.positions()).rejects.toThrow('AccessDenied')
})
