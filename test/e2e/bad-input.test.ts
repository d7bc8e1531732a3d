import { appendFile, cp, mkdir, open, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import Query from '../../src/commands/query.js'
import Resume from '../../src/commands/resume.js'
import Run from '../../src/commands/run.js'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { openCsv } from '../../src/lib/adapters/source/csv/open-csv.js'
import { assertUnchanged, statSource } from '../../src/lib/adapters/source/csv/source-file.js'
import { captureCommand } from '../support/capture-command.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'

const signal = new AbortController().signal
const AS_OF = '2026-06-30'
let scratch: Scratch
let loaded: string
let source: string

beforeAll(async () => {
  scratch = await scratchFolder()
  loaded = join(scratch.path, 'loaded')
  source = join(scratch.path, 'source')
  await writeSample(source, { scale: 0.02, seed: 7, dirt: 0.02, signal })
  expect(await run(source, loaded)).toMatchObject({ code: 0 })
})

afterAll(() => scratch[Symbol.asyncDispose]())

interface Answer {
  code: number
  status: string
  error?: { code: string; message: string; suggestions: string[] }
}

async function run(folder: string, home: string, ...flags: string[]): Promise<Answer> {
  const { stdout, code } = await captureCommand(
    Run,
    'run',
    '--source',
    `csv:${folder}`,
    '--home',
    home,
    '--as-of',
    AS_OF,
    '--json',
    ...flags,
  )
  const { status, error, result, exit } = JSON.parse(stdout)
  expect(exit.code).toBe(code)
  return { code, status, error: error ?? result?.error ?? undefined }
}

/** A copy of the good source with one file changed, and a copy of the home. */
async function broken(
  name: string,
  change: (path: string) => Promise<void>,
): Promise<{ folder: string; home: string }> {
  const base = join(scratch.path, name.replaceAll(/\W/g, '-'))
  const [folder, home] = [join(base, 'source'), join(base, 'home')]
  await mkdir(base)
  await cp(source, folder, { recursive: true })
  await cp(loaded, home, { recursive: true })
  await change(folder)
  return { folder, home }
}

/** What a reader of the home can see: the warehouse's bytes, and the files of the lake. */
async function visible(home: string): Promise<unknown> {
  const lake = await readdir(join(home, 'data', 'raw'), { recursive: true })
  return {
    warehouse: await readFile(join(home, 'warehouse.duckdb'), 'base64'),
    lake: lake.filter((file) => file.endsWith('.parquet')).sort(),
  }
}

/** One record replaced in a file, by its number from 1. */
async function setLine(path: string, line: number, text: string | Buffer): Promise<void> {
  const lines = (await readFile(path)).toString('latin1').split('\n')
  lines[line - 1] = Buffer.from(text).toString('latin1')
  await writeFile(path, Buffer.from(lines.join('\n'), 'latin1'))
}

async function overwrite(path: string, from: number, length: number): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(Buffer.alloc(length, 7), 0, length, from)
  await file.close()
}

async function otherDatabase(path: string): Promise<void> {
  await rm(path)
  const db = await Database.open(path)
  await db.run('create table other (n integer)')
  db.close()
}

const bookings = (folder: string): string => join(folder, 'bookings.csv')

describe('a source that cannot be read', () => {
  test.each<[string, RegExp, (folder: string) => Promise<void>]>([
    ['missing file', /bookings\.csv is missing/, (folder) => rm(bookings(folder))],
    ['0 bytes', /bookings\.csv has 0 bytes/, (folder) => writeFile(bookings(folder), '')],
    [
      'missing required column',
      /lacks the required column booking_status/,
      async (folder) => {
        const text = await readFile(bookings(folder), 'utf8')
        await writeFile(bookings(folder), text.replace('booking_status', 'bookingstatus'))
      },
    ],
    [
      'column named twice',
      /bookings\.csv:1: the file names the column "user_id" twice/,
      async (folder) => {
        const text = await readFile(bookings(folder), 'utf8')
        await writeFile(bookings(folder), text.replace('apartment_id', 'user_id'))
      },
    ],
    [
      'not UTF-8',
      /bookings\.csv:5: the file is not UTF-8/,
      (folder) => setLine(bookings(folder), 5, Buffer.from([0x61, 0xff, 0x2c])),
    ],
    ['NUL', /bookings\.csv:6: the file holds a NUL/, (folder) => setLine(bookings(folder), 6, 'a\0b')],
    [
      'open quote',
      /bookings\.csv:\d+: the file opens a quote that is never closed/,
      (folder) => appendFile(bookings(folder), '"7000000001,1,1'),
    ],
    [
      'text behind a quote',
      /bookings\.csv:8: the file has text behind a closing quote/,
      (folder) => setLine(bookings(folder), 8, '"7"x,1,1'),
    ],
    [
      'mixed line ends',
      /bookings\.csv:9: the file mixes line ends/,
      (folder) => setLine(bookings(folder), 9, '7000000001,1,1\r'),
    ],
  ])('%s: exit 65 with file and line, and nothing is changed', async (name, message, change) => {
    const { folder, home } = await broken(name, change)
    const before = await visible(home)
    const { code, status, error } = await run(folder, home)
    expect({ code, status }).toEqual({ code: 65, status: 'error' })
    expect(error?.message).toMatch(message)
    expect(error?.suggestions.length).toBeGreaterThan(0)
    expect(await visible(home)).toEqual(before)
    // Mended, it goes on as if nothing had been.
    expect(await run(source, home)).toMatchObject({ code: 0 })
  })

  test('resume reads the source that the run was given, not another one', async () => {
    const { folder, home } = await broken('resumed', (path) => writeFile(bookings(path), ''))
    expect(await run(folder, home)).toMatchObject({ code: 65 })
    await cp(bookings(source), bookings(folder))
    const { stdout, code } = await captureCommand(Resume, 'resume', '--home', home, '--json')
    const [extract] = JSON.parse(stdout).result.layers
    const moved = extract.tables.map((table: { rows_out: number; deleted: number }) => [table.rows_out, table.deleted])
    expect({ code, moved }).toEqual({ code: 0, moved: [0, 0, 0, 0].map((n) => [n, n]) })
  })

  test('a missing folder is exit 66', async () => {
    expect(await run(join(scratch.path, 'nowhere'), join(scratch.path, 'new-home'))).toMatchObject({
      code: 66,
      error: { code: 'SOURCE_MISSING', message: expect.stringContaining('nowhere does not exist') },
    })
  })

  test('a file that changes while it is read fails the run', async () => {
    const { folder } = await broken('changes', async () => undefined)
    const { source: file } = await openCsv(await statSource(bookings(folder)), scratch.path, { signal })
    await assertUnchanged(file)
    await appendFile(bookings(folder), '1,2,3\n')
    await expect(assertUnchanged(file)).rejects.toMatchObject({ code: 'SOURCE_CHANGED', exit: 'invalid' })
  })
})

describe('a source that lost its rows', () => {
  test.each<[string, (text: string) => string]>([
    ['header only', (text) => `${text.split('\n')[0]}\n`],
    ['truncated', (text) => `${text.split('\n').slice(0, 500).join('\n')}\n`],
  ])('%s: max_deleted stops the run before raw is touched, and can be let pass once', async (name, cut) => {
    const { folder, home } = await broken(name, async (path) => {
      await writeFile(bookings(path), cut(await readFile(bookings(path), 'utf8')))
    })
    const before = await visible(home)
    const { code, error } = await run(folder, home)
    expect({ code, error }).toMatchObject({
      code: 1,
      error: { code: 'GUARD_MAX_DELETED', message: expect.stringMatching(/^bookings would lose \d+ of its \d+ rows/) },
    })
    expect(error?.suggestions[0]).toContain('--allow-deletes')
    expect((await visible(home)) as object).toEqual({ ...(before as object), lake: expect.any(Array) })
    expect(await run(folder, home, '--allow-deletes')).toMatchObject({ code: 0 })
  })
})

describe('a home that is broken', () => {
  test.each<[string, (file: string, size: number) => Promise<unknown>]>([
    ['overwritten in its middle', (file, size) => overwrite(file, size >> 3, size - (size >> 2))],
    ['cut', (file, size) => truncate(file, size >> 1)],
    ['a folder', async (file) => [await rm(file), await mkdir(file)]],
    ['another database', (file) => otherDatabase(file)],
  ])('a warehouse file that is %s is exit 74, says what to do, and that helps', async (name, harm) => {
    const { folder, home } = await broken(`corrupt-${name}`, async () => undefined)
    const file = join(home, 'warehouse.duckdb')
    await harm(file, (await stat(file)).size)
    const { code, error } = await run(folder, home)
    expect([code, error?.code]).toEqual([74, 'WAREHOUSE_CORRUPT'])
    expect(error?.suggestions[0]).toBe(
      `mv ${file} ${file}.broken && rental-etl run --source csv:${folder} --as-of ${AS_OF} --home ${home}   # everything is loaded again from the source`,
    )
    await rename(file, `${file}.broken`)
    expect(await run(folder, home)).toMatchObject({ code: 0 })
  })

  test.each(['/proc/nope', join('/dev/null', 'home')])('a home that cannot be made (%s) is exit 74', async (home) => {
    expect(await run(source, home)).toMatchObject({ code: 74, error: { code: 'IO' } })
  })

  test('a home with a question mark in its path is refused before anything is made', async () => {
    const home = join(scratch.path, 'what?', 'home')
    const message = `--home: a question mark cannot stand in the path of a home: ${home}`
    expect(await run(source, home)).toMatchObject({ code: 64, error: { code: 'USAGE', message } })
    expect(await readdir(scratch.path)).not.toContain('what?')
  })

  test('a query that writes is refused and changes nothing', async () => {
    const before = await visible(loaded)
    for (const sql of [
      'delete from raw_data.stg_bookings',
      `attach 'x.duckdb' as x`,
      `select * from read_csv('bookings.csv')`,
      `copy raw_data.stg_bookings to 'x.csv'`,
    ]) {
      const { stdout, code } = await captureCommand(Query, 'query', sql, '--home', loaded, '--json')
      expect({ sql, code, error: JSON.parse(stdout).error.code }).toEqual({ sql, code: 64, error: 'READ_ONLY_SQL' })
    }
    expect(await visible(loaded)).toEqual(before)
  })
})
