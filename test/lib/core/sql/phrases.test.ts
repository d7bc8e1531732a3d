import { expect, test } from 'vitest'
import { withPhrases } from '../../../../src/lib/core/sql/phrases.js'
import { memoryDatabase } from '../../../support/memory-database.js'

test.each([
  ['confirmed', true],
  ['CONFIRMED', true],
  ['Confirmed', true],
  ['unconfirmed', false],
  ['confirmed ', false],
  ['canceled', false],
  ['', false],
  [null, false],
  // Letters that lower case of Unicode turns into ASCII, or that look like it.
  ['conﬁrmed', false],
  ['CONFİRMED', false],
  ['confırmed', false],
])('status %j is confirmed: %s', async (status, expected) => {
  const given = status === null ? 'cast(null as varchar)' : `'${status}'`
  const sql = withPhrases('t', `select {{is_confirmed}} as found from (select ${given} as booking_status) b`)
  expect(await (await memoryDatabase()).all(sql)).toEqual([{ found: expected }])
})

test('a phrase that there is not', () => {
  expect(() => withPhrases('sql/a/b.sql', 'select {{c}}')).toThrow(
    new Error('sql/a/b.sql asks for {{c}}, which has no value'),
  )
})
