import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { TextFault } from '../../../../../src/lib/adapters/source/mysql/cell-text.js'
import { TextFiles } from '../../../../../src/lib/adapters/source/mysql/text-files.js'
import { memoryDatabase } from '../../../../support/memory-database.js'
import { scratchFolder, temporaryFolder } from '../../../../support/temporary.js'

/** What stands in the relation of some rows. */
async function through(rows: readonly string[][], width: number, folder: string, db: Database): Promise<unknown[][]> {
  await using files = new TextFiles(
    Array.from({ length: width }, () => true),
    folder,
  )
  for (const row of rows) await files.add([...row])
  await files.end()
  expect(files.rows).toBe(rows.length)
  expect(files.trimmed).toBe(!rows.flat().some((text) => /^[ \t\r\n]|[ \t\r\n]$/.test(text)))
  const found = await db.all<Record<string, string>>(`select * from ${files.relation()}`)
  return found.map((row) => Array.from({ length: width }, (_, at) => row[`x_${at}`]))
}

test('any texts come out as they went in, in their order', async () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('\u001e', '\u001f', 'E', 'P', 'a', ' ', '\n'), maxLength: 6 }),
    fc.string({ unit: 'grapheme', maxLength: 5 }).map((one) => one.replaceAll('\0', '')),
  )
  const rows = fc.integer({ min: 1, max: 4 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      rows: fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 12 }),
    }),
  )
  const db = await Database.open(':memory:')
  try {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        await using scratch = await scratchFolder()
        expect(await through(given.rows, given.width, scratch.path, db)).toEqual(given.rows)
      }),
      { numRuns: 40 },
    )
  } finally {
    db.close()
  }
})

test('several blocks in several files, short texts and long ones', async () => {
  const folder = join(await temporaryFolder(), 'new', 'one')
  const db = await Database.open(':memory:')
  try {
    await using files = new TextFiles([false, true], folder)
    const long = 'é'.repeat(6_000_000)
    for (let at = 0; at < 150_000; at++) await files.add([String(at), at === 7 ? long : at % 3 === 0 ? '\u001f' : ''])
    await files.end()
    expect((await readdir(folder)).length).toBeGreaterThan(1)
    expect(files.letters).toBe(6_000_000 + 50_000 * 2 + [...Array(150_000).keys()].join('').length)
    const [row] = await db.all<Record<string, string>>(
      `select count(*) as n, count(distinct x_0) as keys, max(cast(x_0 as int)) as last,
         count(*) filter (where x_1 = chr(31) and cast(x_0 as int) % 3 = 0) as parts,
         count(*) filter (where x_1 = '') as empty, max(length(x_1)) as longest
       from ${files.relation()}`,
    )
    expect(row).toEqual({
      n: '150000',
      keys: '150000',
      last: 149_999,
      parts: '50000',
      empty: '99999',
      longest: '6000000',
    })
  } finally {
    db.close()
  }
})

test('a NUL character is refused, and its column is told', async () => {
  await using files = new TextFiles([true, true], await temporaryFolder())
  expect(() => files.add(['a', 'b\0'])).toThrow(TextFault)
  expect(() => files.add(['a', 'b\0'])).toThrow(
    expect.objectContaining({ column: 1, message: 'holds a NUL character' }),
  )
})

test('a file that cannot be written is told by the next step, whichever it is', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'part-0.parquet', 'in the way'), { recursive: true })
  await using files = new TextFiles([true], folder)
  files.add(['a'])
  await expect(files.end()).rejects.toMatchObject({ code: 'IO' })
  await using more = new TextFiles([true], folder)
  const adding = async (): Promise<void> => {
    for (;;) await more.add(['x'.repeat(1_000_000)])
  }
  await expect(adding()).rejects.toMatchObject({ code: 'IO' })
})

/** Files with some rows, whole. */
async function filesOf(rows: string[][], free: boolean[]): Promise<TextFiles> {
  await using files = new TextFiles(free, join(await temporaryFolder(), 'texts'))
  for (const row of rows) await files.add([...row])
  await files.end()
  return files
}

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

test.each([
  ['a', true],
  ['a b', true],
  [' a', false],
  ['a\t', false],
  ['\r\n', false],
  ['', true],
])('whether "%s" has blanks at its ends', async (text, trimmed) => {
  expect((await filesOf([['1', text]], [false, true])).trimmed).toBe(trimmed)
})

test('the same texts have the same fingerprint; others, in other places or in another order, have another one', async () => {
  const of = async (...rows: string[][]): Promise<string> => (await filesOf(rows, [true, true])).fingerprint()
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
