import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ident, identList, literal, sameKey } from '../../../../src/lib/core/sql/names.js'
import { memoryDatabase } from '../../../support/memory-database.js'
import { trickyText } from '../../../support/tricky-text.js'

test('identifiers and lists of them', () => {
  expect(ident('order')).toBe('"order"')
  expect(ident('a"b')).toBe('"a""b"')
  expect(identList([])).toBe('')
  expect(identList(['a', 'b'])).toBe('"a", "b"')
  expect(identList(['a', 'b'], 't.')).toBe('t."a", t."b"')
  expect(sameKey(['a', 'b'], 'raw_data.x', 'y')).toBe('raw_data.x."a" = y."a" and raw_data.x."b" = y."b"')
})

test('any text is a literal, and any but the empty one a name, on the engine', async () => {
  const db = await memoryDatabase()
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(trickyText, trickyText), { minLength: 1 }), async (pairs) => {
      const columns = pairs.map(([value, name], at) => `${literal(value)} as ${ident(`${at}${name}`)}`)
      const [row] = await db.all(`select ${columns.join(', ')}`)
      expect(row).toEqual(Object.fromEntries(pairs.map(([value, name], at) => [`${at}${name}`, value])))
    }),
    {
      numRuns: 20,
      examples: [
        [
          [
            ["'; drop table x; --", '"'],
            ["''", '""'],
            ['\\', "\\'"],
            ['\ufeffx', '\ufeff'],
          ],
        ],
      ],
    },
  )
})
