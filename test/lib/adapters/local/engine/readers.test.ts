import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { copyTo, csvFile, jsonLines, parquetFiles } from '../../../../../src/lib/adapters/local/engine/readers.js'
import { literal } from '../../../../../src/lib/core/sql/names.js'
import { type Scratch, scratchFolder } from '../../../../support/temporary.js'

let scratch: Scratch
let db: Database

beforeAll(async () => {
  scratch = await scratchFolder()
  db = await Database.open(':memory:')
})
afterAll(async () => {
  db.close()
  await scratch[Symbol.asyncDispose]()
})

/** Names of folders, and of one beside each that a pattern of that name matches, or that is mistaken for it. */
const FOLDERS: [name: string, beside: string][] = [
  ['exports[1]', 'exports1'],
  ['x[!a]', 'xb'],
  ['q[a-z]', 'qb'],
  ['[]', 'x'],
  ['[a', 'a'],
  ['in*', 'inXY'],
  ['**', 'deep'],
  ['.h*', '.hx'],
  ['in?', 'inZ'],
  ['a{b,c}', 'ab'],
  ['{a}', 'a'],
  ['br]x', 'brx'],
  ['X[1]', 'x[1]'],
  [`it's [x]`, `it's x`],
  ['é "東* 京"', 'é "東 京"'],
  ['back\\slash', 'back/slash'],
  ['%20*', ' '],
  ['~', 'tilde'],
  ['a\nb*', 'a\nbc'],
  ['currency=USD', 'currency=EUR'],
  ['id=7', 'id=8'],
  ['n=3/state=TX*', 'n=3/state=TXX'],
]

const CSV = { columns: ['id', 'currency'], longest: 10, linesInQuotes: false }
const JSONL = { columns: { id: 'varchar', currency: 'varchar' }, longest: 10 }

async function fill(folder: string, id: number, currency: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'f.csv'), `id,currency\n${id},${currency}\n`)
  await writeFile(join(folder, 'f.jsonl'), `{"id":"${id}","currency":"${currency}"}\n`)
  await db.run(`copy (select '${id}' as id, '${currency}' as currency) ${copyTo(join(folder, 'f.parquet'))}`)
}

const rows = (relation: string): Promise<unknown> => db.all(`select * from ${relation}`)

describe('a path is a name, never a pattern, and no column', () => {
  test.each(FOLDERS)('%s beside %s', async (name, beside) => {
    const base = join(scratch.path, `in${FOLDERS.findIndex(([of]) => of === name)}`)
    const folder = join(base, name)
    await fill(folder, 1, 'right')
    await fill(join(base, beside), 2, 'wrong')
    await fill(base, 3, 'wrong')
    // What was written stands where it was to be, and nowhere else.
    expect((await readdir(folder)).sort()).toEqual(['f.csv', 'f.jsonl', 'f.parquet'])
    const right = [{ id: '1', currency: 'right' }]
    expect(await rows(csvFile(join(folder, 'f.csv'), CSV))).toEqual(right)
    expect(await rows(jsonLines(join(folder, 'f.jsonl'), JSONL))).toEqual(right)
    const file = join(folder, 'f.parquet')
    expect(await rows(parquetFiles([file]))).toEqual(right)
    expect(await rows(parquetFiles([join(base, 'f.parquet'), file]))).toEqual([
      { id: '3', currency: 'wrong' },
      ...right,
    ])
    expect(await rows(parquetFiles([file], { rowNumbers: true }))).toEqual([{ ...right[0], file_row_number: '0' }])
  })

  test('a file that is not there is not replaced by one that a pattern would match', async () => {
    await fill(join(scratch.path, 'there1'), 1, 'wrong')
    for (const read of [
      csvFile(join(scratch.path, 'there[1]', 'f.csv'), CSV),
      jsonLines(join(scratch.path, 'there[1]', 'f.jsonl'), JSONL),
      parquetFiles([join(scratch.path, 'there[1]', 'f.parquet')]),
    ])
      await expect(rows(read)).rejects.toThrow(/No files found/)
  })

  test('a name with a backslash and a letter of patterns is refused: a pattern would read another file', async () => {
    const folder = join(scratch.path, 'p*', 'back\\slash')
    await fill(join(scratch.path, 'p*', 'back', 'slash'), 1, 'wrong')
    for (const read of [
      () => csvFile(join(folder, 'f.csv'), CSV),
      () => jsonLines(join(folder, 'f.csv'), JSONL),
      () => parquetFiles([join(folder, 'f.csv')]),
    ])
      expect(read).toThrow(
        expect.objectContaining({
          code: 'IO',
          message: `cannot read ${join(folder, 'f.csv')}: a path with a backslash cannot have * ? or [ as well`,
        }),
      )
  })

  test('a relative path is one from the working folder, whatever it begins with', () => {
    for (const path of ['~/f', 's3://bucket/f', 'http://host/f', 'file:f']) {
      const whole = join(process.cwd(), path)
      expect(parquetFiles([path])).toContain(literal(whole))
      expect(copyTo(path)).toBe(`to ${literal(whole)} (format 'parquet')`)
    }
  })

  test('an attached database, and one that is opened, stand where they are said to', async () => {
    for (const [at, name] of [`w[1]`, 'w*', `it's {w}`, 'a=b', 'back\\slash'].entries()) {
      const folder = join(scratch.path, `db${at}`, name)
      await mkdir(folder, { recursive: true })
      const path = join(folder, 'w.duckdb')
      const one = await Database.open(path)
      await one.run('create table t as select 7 as n')
      one.close()
      await db.attach(path, 'w', { readOnly: true })
      expect(await db.count('select n from w.t')).toBe(7)
      await db.run('detach w')
      expect(await readdir(folder)).toEqual(['w.duckdb'])
      expect(await readdir(join(scratch.path, `db${at}`))).toEqual([name])
    }
  })
})

describe('names that say something to an engine', () => {
  const sources: [string, string, string][] = [
    ['the sibling of exports[1] stays unread', 'glob-in-path-reads-sibling', 'exports[1]'],
    ['a folder named currency=USD says nothing', 'hive-path-overrides-columns', 'exports'],
  ]
  test.each(sources)('%s', async (_, fault, source) => {
    const base = join(scratch.path, fault, 'id=7', 'currency=USD')
    await writeInputs(base)
    const path = join(base, source, 'bookings.csv')
    const [header, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n')
    const columns = (header as string).split(',')
    const found = await db.all<Record<string, string>>(
      `select * from ${csvFile(path, { ...CSV, columns, longest: 200 })}`,
    )
    expect(found.map((row) => columns.map((name) => row[name]).join(','))).toEqual(lines)
  })
})

test('all records of any length are read, with the memory that a small source is given', async () => {
  const small = await Database.open(':memory:', { memoryLimit: '350MB' })
  try {
    for (const [records, length] of [
      [40, 1_000_000],
      [20, 2_300_000],
      [1, 8_000_000],
      [3, 16_000_000],
    ] as const) {
      const path = join(scratch.path, 'long.csv')
      const text = 'x'.repeat(length)
      await writeFile(path, 'id,body\n')
      for (let at = 0; at < records; at++) await writeFile(path, `${at},${text}\n`, { flag: 'a' })
      const relation = csvFile(path, { columns: ['id', 'body'], longest: length + 3, linesInQuotes: false })
      const [found] = await small.all(`select count(*) as n, min(strlen(body)) as least from ${relation}`)
      expect({ records, length, found }).toEqual({
        records,
        length,
        found: { n: String(records), least: String(length) },
      })
    }
  } finally {
    small.close()
  }
})

test('the other options of a copy', async () => {
  const path = join(scratch.path, 'o.csv')
  await db.run(`copy (select 1 as a, 2 as b) ${copyTo(path, { format: 'csv', delimiter: ';', header: false })}`)
  expect(await readFile(path, 'utf8')).toBe('1;2\n')
})

/** A source, one whose name is a pattern, and the one that it matches. */
async function writeInputs(folder: string): Promise<void> {
  const columns = 'booking_id,user_id,currency'
  for (const [name, ids] of [
    ['exports', [1, 2]],
    ['exports[1]', [1, 2]],
    ['exports1', [91, 92]],
  ] as const) {
    await mkdir(join(folder, name), { recursive: true })
    await writeFile(join(folder, name, 'bookings.csv'), `${columns}\n${ids.map((id) => `${id},7,EUR\n`).join('')}`)
  }
}
