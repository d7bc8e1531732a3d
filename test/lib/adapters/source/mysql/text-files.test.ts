import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TextFault } from '../../../../../src/lib/adapters/source/mysql/cell-text.js'
import { TextFiles } from '../../../../../src/lib/adapters/source/mysql/text-files.js'
import { memoryDatabase } from '../../../../support/memory-database.js'
import { temporaryFolder } from '../../../../support/temporary.js'

/** What comes out of rows that were put in. */
async function through(rows: string[][], free: boolean[]): Promise<{ files: TextFiles; rows: unknown[][] }> {
  await using files = new TextFiles(free, join(await temporaryFolder(), 'texts'))
  for (const row of rows) await files.add([...row])
  await files.end()
  const db = await memoryDatabase()
  const found = await db.inOrder(() => db.all(`select * from ${files.relation()}`))
  return { files, rows: found.map((row) => Object.values(row)) }
}

describe('texts come out of the files as they were put in', () => {
  test('none at all', async () => {
    const { files, rows } = await through([], [true, false])
    expect([rows, files.rows, files.trimmed]).toEqual([[], 0, true])
  })

  test('whatever stands in them, that which parts them above all', async () => {
    const texts = [
      '',
      'a',
      '\u001f',
      '\u001e',
      '\u001eP',
      '\u001e\u001f',
      'P',
      'a\u001fb\u001ec',
      '"',
      ',',
      '\n',
      '😀',
      "'",
    ]
    const rows = texts.map((text, at) => [text, String(at)])
    expect((await through(rows, [true, false])).rows).toEqual(rows)
  })

  test('in their order over many files, also where nobody waits for one to be written', async () => {
    const count = 700_000
    await using files = new TextFiles([false, true], join(await temporaryFolder(), 'texts'))
    for (let at = 0; at < count; at++) files.add([String(at), at % 3 === 0 ? '' : 'x'])
    await files.end()
    expect(files.rows).toBe(count)
    expect(files.relation().split('.parquet').length).toBeGreaterThan(2)
    const db = await memoryDatabase()
    const numbered = `select x_0, x_1, row_number() over () - 1 as place from ${files.relation()}`
    const wrong = `x_0 <> cast(place as varchar) or x_1 <> case when place % 3 = 0 then '' else 'x' end`
    const [row] = await db.inOrder(() =>
      db.all(`select count(*) as n, count(*) filter (where ${wrong}) as wrong from (${numbered})`),
    )
    expect(row).toEqual({ n: String(count), wrong: '0' })
  })

  test('long ones, of which few are held at a time', async () => {
    const rows = Array.from({ length: 12 }, (_, at) => [`${at}${'é'.repeat(3_000_000)}`])
    const { rows: found } = await through(rows, [true])
    expect(found.map(([text]) => (text as string).length)).toEqual(rows.map(([text]) => text?.length))
    expect(found).toEqual(rows)
  })
})

test.each(['\0', 'a\0b'])('a NUL character is refused, with its column', async (text) => {
  await using files = new TextFiles([false, true], await temporaryFolder())
  expect(() => files.add(['1', text])).toThrow(new TextFault(1, 'holds a NUL character'))
})

test.each([
  ['a', true],
  ['a b', true],
  [' a', false],
  ['a\t', false],
  ['\r\n', false],
  ['', true],
])('whether "%s" has blanks at its ends', async (text, trimmed) => {
  expect((await through([['1', text]], [false, true])).files.trimmed).toBe(trimmed)
})

test('the same texts have the same fingerprint; others, in other places or in another order, have another one', async () => {
  const of = async (...rows: string[][]): Promise<string> => (await through(rows, [true, true])).files.fingerprint()
  const first = await of(['a', 'b'], ['c', 'd'])
  expect(await of(['a', 'b'], ['c', 'd'])).toBe(first)
  const others = [
    await of(['a', 'b']),
    await of(['ab', '']),
    await of(['c', 'd'], ['a', 'b']),
    await of(['a', 'c'], ['b', 'd']),
    await of(['a', 'b'], ['c', 'D']),
    await of(['a\u001fc', 'b'], ['', 'd']),
  ]
  expect(new Set([first, ...others]).size).toBe(others.length + 1)
})
