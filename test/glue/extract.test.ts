import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../../src/lib/adapters/local/home/paths.js'
import { SOURCE_TABLES, type SourceTable } from '../../src/lib/core/model.js'
import type { Manifest } from '../../src/lib/core/run/manifest.js'
import type { DirtySource } from '../support/dirty-source.js'
import { mutationHistory } from '../support/mutation-history.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'
import { expected, told } from './compare-extract.js'
import { type Day, localDay, type TextTables } from './local-day.js'
import { python } from './python.js'
import { writeRelease } from './release-file.js'

const HISTORIES = Number(process.env.GLUE_HISTORIES ?? 2)
const SEED = Number(process.env.GLUE_SEED ?? 11)

/** What comes before a day, and how it is run. */
const KINDS = [
  'always',
  'always',
  'always',
  'never',
  'never',
  'full',
  'reset',
  'rewind',
  'rewind to the beginning',
] as const
const histories = fc.sample(
  fc.tuple(mutationHistory, fc.array(fc.constantFrom(...KINDS), { minLength: 6, maxLength: 6 })),
  {
    numRuns: HISTORIES,
    seed: SEED,
  },
)

const days: Day[] = []
/** Days by themselves. */
const single: Record<string, Day> = {}
let scratch: Scratch

beforeAll(async () => {
  scratch = await scratchFolder()
  for (const [at, [history, kinds]] of histories.entries()) {
    const home = join(scratch.path, `home-${at}`)
    for (const [day, source] of history.entries()) {
      const kind = day === 0 ? 'always' : (kinds[day % kinds.length] as (typeof KINDS)[number])
      await prepare(home, kind, day)
      const options = {
        runId: `r-${at}-${day}`,
        reconcile: !(kind === 'never' || kind.startsWith('rewind')),
        fullRefresh: kind === 'full',
      }
      days.push(await localDay(home, join(scratch.path, `case-${at}-${day}`), asTexts(source), options))
    }
  }
  await planned()
  await writeRelease(join(scratch.path, 'release.json'))
  const cases = [...days, ...Object.values(single)].map(({ folder, request }) => ({ folder, request }))
  await writeFile(join(scratch.path, 'cases.json'), JSON.stringify(cases))
  const said = await python(
    'extract_cases.py',
    [join(scratch.path, 'release.json'), join(scratch.path, 'cases.json')],
    { timeoutMs: 560_000 },
  )
  if (process.env.GLUE_TIMES) process.stderr.write(said)
}, 580_000)
afterAll(() => (process.env.GLUE_TIMES ? undefined : scratch[Symbol.asyncDispose]()))

describe('the extract of Spark writes what the local one writes', () => {
  test('of every day of some histories', async () => {
    expect(days.length).toBeGreaterThanOrEqual(HISTORIES * 3)
    const moved = { full: 0, copies: 0, tombstones: 0, cleared: 0, never: 0 }
    for (const day of days) {
      const found = await told(day)
      expect({ run: day.request, ...found }).toEqual({ run: day.request, ...(await expected(day)) })
      for (const table of day.manifest.tables) {
        moved.full += table.full ? 1 : 0
        moved.copies += table.copies ? 1 : 0
        moved.tombstones += table.tombstones
        moved.cleared += table.cleared
      }
      moved.never += day.manifest.reconciled ? 0 : 1
    }
    // What there is to be equal in.
    for (const [name, n] of Object.entries(moved)) expect({ name, n }).not.toEqual({ name, n: 0 })
  })
})

const file = async (day: Day, key: string): Promise<string> => readFile(join(day.folder, key), 'utf8')
const lastEvent = async (day: Day) => JSON.parse((await file(day, 'events.jsonl')).trimEnd().split('\n').at(-1) ?? '')
const LISTING = ['title', 'source', '1.50', 'EUR', '2024-01-01', '1', '2024-01-02 03:04:05.678901']

/** A table of apartments, and the others without rows. */
function listings(rows: string[][]): TextTables {
  const headers = Object.fromEntries(
    SOURCE_TABLES.map(({ name, columns }) => [name, columns.map((column) => column.name)]),
  )
  return Object.fromEntries(
    SOURCE_TABLES.map(({ name }) => [name, { header: headers[name] ?? [], rows: name === 'apartments' ? rows : [] }]),
  )
}

async function planned(): Promise<void> {
  const day = (home: string, runId: string, rows: string[][], options = {}) =>
    localDay(join(scratch.path, home), join(scratch.path, `case-${runId}`), listings(rows), { runId, ...options })
  const rows = (n: number, price = '1.50') =>
    Array.from({ length: n }, (_, at) => [String(at + 1), ...LISTING.with(2, price)])
  const strict = { strict: true, guards: { max_deleted: 0.25, max_deleted_min_rows: 5, max_quarantined: 0.3 } }
  single.first = await day('home-x', 'x-first', rows(12))
  single.deleted = await day('home-x', 'x-deleted', rows(4), strict)
  single.refreshed = await day('home-x', 'x-refreshed', rows(4), { ...strict, fullRefresh: true })
  single.quarantined = await day('home-x', 'x-quarantined', [...rows(7), ...rows(5, 'many')], strict)
  single.every = await day('home-x', 'x-every', rows(3, 'many'), strict)
  single.few = await day('home-x', 'x-few', [...rows(9), ...rows(1, 'many')], strict)
  const [old, recent] = ['2024-01-02', '2024-01-03']
  const copy = (id: string, title: string, modified = old) => [id, title, ...LISTING.slice(1, -1), modified]
  const copies = [
    copy('1', 'z'),
    copy('1', 'z'),
    copy('1', 'a', recent),
    copy('2', 'c'),
    copy('2', 'd'),
    copy('3', 'e'),
  ]
  single.copies = await day('home-y', 'y-copies', copies)
  // A survivor that changes, one that stays, and one that gets a copy.
  const fewer = [copy('1', 'z'), copy('2', 'd'), copy('2', 'd'), copy('3', 'e'), copy('3', 'e'), copy('4', '')]
  single.fewer = await day('home-y', 'y-fewer', fewer)
  // Rows that are as they were, but have no copies any more.
  single.alone = await day('home-y', 'y-alone', [copy('1', 'z'), copy('2', 'd'), copy('3', 'e')])
  single.untold = await day('home-x', 'x-untold', rows(12))
  await rm(join(single.untold.folder, 'glue'), { recursive: true })
}

describe('an extract by itself', () => {
  test.each(['deleted', 'refreshed', 'quarantined', 'every'])(
    '%s: a guard stops it in the words of the local one',
    async (name) => {
      const day = single[name] as Day
      const { event, ...said } = await lastEvent(day)
      expect(event).toBe('failed')
      expect(said).toEqual({ code: day.error?.code, message: day.error?.message, suggestions: day.error?.suggestions })
      expect(existsSync(join(day.folder, `runs/x-${name}/manifest.json`))).toBe(false)
    },
  )

  test.each([
    ['copies', 6],
    ['fewer', 4],
    ['alone', 2],
  ])('%s: copies of a key are written where the survivor or their number changes', async (name, extracted) => {
    const day = single[name] as Day
    expect(day.manifest.tables[0]).toMatchObject({ extracted, copies: name !== 'alone' })
    expect(await told(day)).toEqual(await expected(day))
  })

  test('what the guards let pass is as it is locally', async () => {
    const few = single.few as Day
    expect(await told(few)).toEqual(await expected(few))
  })

  test('without a snapshot of raw nothing is read', async () => {
    expect(await lastEvent(single.untold as Day)).toMatchObject({
      code: 'IO',
      message: expect.stringMatching(/state.json is missing: what raw holds was not told$/),
      suggestions: ['rental-etl resume x-untold'],
    })
  })

  test('files have the types and the order of the columns that COPY fills, and are described to the byte', async () => {
    const day = single.first as Day
    const manifest: Manifest = JSON.parse(await file(day, 'runs/x-first/manifest.json'))
    // What was kept between reading and comparing is gone.
    expect(existsSync(join(day.folder, 'glue/temp/x-first/typed/apartments'))).toBe(false)
    const [entry] = manifest.tables
    const [written] = entry?.files ?? []
    expect(written?.path).toMatch(/^data\/raw\/apartments\/run_id=x-first\/part-[\w.-]+\.parquet$/)
    const bytes = await readFile(join(day.folder, written?.path ?? ''))
    expect(written).toMatchObject({
      rows: 12,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    expect(JSON.parse(await file(day, 'runs/x-first/copy/apartments.manifest'))).toEqual({
      entries: [
        { url: join(day.folder, written?.path ?? ''), mandatory: true, meta: { content_length: bytes.length } },
      ],
    })
    const db = await Database.open(':memory:', {})
    const types =
      await db.all(`select name, type, coalesce(converted_type, '') as converted, scale, precision, cast(logical_type as varchar) as logical
      from parquet_schema('${join(day.folder, written?.path ?? '')}') where num_children is null`)
    db.close()
    expect(types.map(({ name }) => name)).toEqual([
      ...SOURCE_TABLES[0]!.columns.map(({ name }) => name),
      '_position',
      '_nullified',
      '_deleted',
      '_run_id',
    ])
    const of = (name: string) => types.find((type) => type.name === name)
    expect(of('id')).toMatchObject({ type: 'INT64', converted: '' })
    expect(of('price')).toMatchObject({ type: 'INT64', converted: 'DECIMAL', scale: '2', precision: '10' })
    expect(of('last_modified_timestamp')).toMatchObject({ type: 'INT64', converted: 'TIMESTAMP_MICROS' })
    expect(of('is_active')).toMatchObject({ type: 'BOOLEAN' })
    expect(of('title')).toMatchObject({ type: 'BYTE_ARRAY', converted: 'UTF8' })
  })
})

async function prepare(home: string, kind: string, day: number): Promise<void> {
  if (kind !== 'reset' && !kind.startsWith('rewind')) return
  const db = await Database.open(homePaths(home).warehouse, {})
  const table = SOURCE_TABLES[day % 4] as SourceTable
  const position = kind === 'rewind' ? (table.name === 'user_viewing' ? `'2024-03-01 00:00:00'` : `'5'`) : 'null'
  await db.run(
    `insert into raw_data.bookmark_${kind === 'reset' ? 'resets' : 'rewinds'} values ('${table.name}'${kind === 'reset' ? '' : `, ${position}`})`,
  )
  await db.run(`insert into raw_data.bookmark_changes (seq, table_name) values (${day}, '${table.name}')`)
  db.close()
}

/** As MySQL would give them: every row has all columns, and each of them a name. */
function asTexts(source: DirtySource): TextTables {
  return Object.fromEntries(
    Object.entries(source).map(([name, { header, records }]) => [
      name,
      {
        header: header.map((column) => column || 'nameless'),
        rows: records.map((record) => header.map((_, at) => record[at] ?? '')),
      },
    ]),
  )
}
