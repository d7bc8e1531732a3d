import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AwsBookmarkAudit } from '../../src/lib/adapters/aws/bookmarks/audit.js'
import { AwsSourceCheck } from '../../src/lib/adapters/aws/source-check.js'
import { LocalBookmarkAudit } from '../../src/lib/adapters/local/bookmark-audit.js'
import { LocalSourceCheck } from '../../src/lib/adapters/local/source-check.js'
import { LocalBookmarkChanges } from '../../src/lib/adapters/local/warehouse/bookmarks.js'
import { openLocalWarehouse } from '../../src/lib/adapters/local/warehouse/warehouse.js'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import type { TableAudit } from '../../src/lib/core/run/bookmark-audit.js'
import { type ReadingPoint, readingPoint } from '../../src/lib/core/run/bookmark-change.js'
import type { Look } from '../../src/lib/core/run/look.js'
import type { RunRequest } from '../../src/lib/core/run/request.js'
import type { CheckResult } from '../../src/lib/core/verify/verify.js'
import { systemClock } from '../../src/lib/ports/clock.js'
import { bookmarkBook } from '../../src/lib/use-cases/bookmarks.js'
import { planChange, type WantedChange } from '../../src/lib/use-cases/change-bookmarks.js'
import { runJobs } from '../support/pipeline.js'
import { type CleanSource, cleanSource, lastPlace, type Plant, plant, record } from '../support/planted-source.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'
import { keepSnapshot, keepSource, TextSource, type TextTables } from './local-day.js'
import { python } from './python.js'
import { writeRelease } from './release-file.js'

const signal = new AbortController().signal
const KEYS = 3

type Kind = 'audit' | 'checksum' | 'rows'

interface Found {
  audit: TableAudit[]
  checks: CheckResult[]
  rows: CheckResult[]
}

/** What both sides say of one source beside one home; the look is asked for in two rounds, before and after Spark. */
interface Day {
  name: string
  tables: TextTables
  points: Map<string, ReadingPoint>
  local: Found
  asked: Record<string, { request: RunRequest; look: Look }>
  home: string
  kinds: readonly Kind[]
}

const days: Day[] = []
let scratch: Scratch

/** A row of each kind in every table, as far as it has them, a bad one, and one of which the source says that it changed since. */
function planted(): TextTables {
  const what = ['update', 'late', 'delete', 'copy', 'beyond', 'at the bookmark'] as const
  const all = SOURCE_TABLES.flatMap(({ name }) =>
    what.map((one, at): Plant => ({ table: name, what: one, at: at * 8 })),
  )
  const { source } = plant(grown(), all)
  const [changed] = source.apartments.splice(1, 1)
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ')
  source.apartments.push({ ...changed, last_modified_timestamp: `2199${now.slice(4)}` })
  source.bookings.push({ ...record('bookings', 901), total_price: 'many' })
  return asTexts(source)
}

/** What a run by bookmark has taken last. */
function grown(): CleanSource {
  const source = cleanSource(6)
  for (const { name } of SOURCE_TABLES) source[name].push(record(name, lastPlace(source, name) + 6))
  return source
}

beforeAll(async () => {
  scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const run = (tables: TextTables, runId: string, reconcile: boolean) =>
    runJobs({ home, source: new TextSource(tables), asOf: '2024-05-31', runId, reconcile, to: 'raw' })
  await run(asTexts(cleanSource(6)), 'r-0', true)
  await run(asTexts(grown()), 'r-1', false)
  const tables = planted()
  days.push(await looked(home, 'plain', tables, ['audit', 'checksum', 'rows']))
  await change(home, { kind: 'reset', tables: ['apartments'] })
  await change(home, { kind: 'rewind', tables: ['bookings', 'user_viewing'], to: { run: 'r-0' } })
  // Where it is read from changes the kinds alone.
  days.push(await looked(home, 'waiting', tables, ['audit']))
  await writeRelease(join(scratch.path, 'release.json'))
  const cases = days.flatMap(({ name, asked }) =>
    Object.entries(asked).map(([kind, { request, look }]) => ({
      folder: join(scratch.path, `${name}-${kind}`),
      request: { ...request, run_id: 'look-1', look },
    })),
  )
  await writeFile(join(scratch.path, 'cases.json'), JSON.stringify(cases))
  const files = [join(scratch.path, 'release.json'), join(scratch.path, 'cases.json')]
  const said = await python('extract_cases.py', files, { timeoutMs: 400_000 })
  if (process.env.GLUE_TIMES) process.stderr.write(said)
}, 420_000)
afterAll(() => scratch?.[Symbol.asyncDispose]())

function asTexts(source: CleanSource): TextTables {
  return Object.fromEntries(
    SOURCE_TABLES.map(({ name }) => {
      const header = Object.keys(record(name, 2))
      return [name, { header, rows: source[name].map((row) => header.map((column) => row[column] ?? '')) }]
    }),
  )
}

async function change(home: string, wanted: WantedChange): Promise<void> {
  const planned = await (async () => {
    await using warehouse = await openLocalWarehouse(home)
    return (await planChange(warehouse, wanted, undefined)).change
  })()
  await new LocalBookmarkChanges(home, systemClock, () => undefined).change(planned)
}

/** What the local adapters find, what those of AWS ask, and the folder in which a job finds raw and the source. */
async function looked(home: string, name: string, tables: TextTables, kinds: readonly Kind[]): Promise<Day> {
  const book = await (async () => {
    await using warehouse = await openLocalWarehouse(home)
    return await bookmarkBook(warehouse)
  })()
  const points = new Map(book.marks.map((mark) => [mark.table, readingPoint(mark)]))
  const options = { home, now: () => new Date(), source: () => new TextSource(tables) }
  const check = new LocalSourceCheck(options)
  const day: Day = {
    ...{ name, tables, points, home, asked: {} },
    local: {
      audit: await new LocalBookmarkAudit(options).audit(points, KEYS, signal),
      checks: await check.compare(),
      rows: [],
    },
    kinds,
  }
  await told(day, async (asked, request) => {
    day.asked[asked.kind] = { request, look: asked }
    throw new Error('not yet')
  }).catch(() => undefined)
  for (const kind of kinds) {
    const folder = join(scratch.path, `${name}-${kind}`)
    await keepSource(join(folder, 'source'), tables)
    await keepSnapshot(home, join(folder, 'glue/temp/look-1'))
  }
  return day
}

type Answers = (asked: Look, request: RunRequest) => Promise<unknown>

/** What the adapters of AWS make of what a look answers. */
async function told({ home, points, kinds }: Pick<Day, 'home' | 'points' | 'kinds'>, answers: Answers): Promise<Found> {
  const looks = { look: answers } as never
  const check = new AwsSourceCheck(
    async () => looks,
    () => openLocalWarehouse(home),
  )
  const asks = (kind: Kind): boolean => kinds.includes(kind)
  const all = await Promise.allSettled([
    asks('audit') ? new AwsBookmarkAudit(looks).audit(points, KEYS, signal) : [],
    asks('checksum') ? check.compare() : [],
    asks('rows') ? check.count() : [],
  ])
  const [audit, checks, rows] = all.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  }) as [TableAudit[], CheckResult[], CheckResult[]]
  return { audit, checks, rows }
}

const document = async (day: Day, kind: string) =>
  JSON.parse(await readFile(join(scratch.path, `${day.name}-${kind}`, 'glue/temp/look-1/look.json'), 'utf8'))

/** Of several copies of a key any one may be shown. */
const shown = ({ sql: _, sample, ...check }: CheckResult): object => ({
  ...check,
  sample: [...new Set(sample.map((row) => JSON.stringify(row)))].sort(),
})

test('a look finds what the local comparison finds, whatever waits for the next run', async () => {
  const kinds = new Set<string>()
  for (const day of days) {
    const found = await told(day, (asked) => document(day, asked.kind))
    expect({ day: day.name, audit: found.audit }).toEqual({ day: day.name, audit: day.local.audit })
    if (day.kinds.includes('checksum')) expect(found.checks.map(shown)).toEqual(day.local.checks.map(shown))
    for (const { sample } of found.rows)
      for (const { table, source_rows_now: now } of sample) expect(now).toBe(day.tables[String(table)]?.rows.length)
    for (const { kinds: lines } of found.audit) for (const { kind, rows } of lines) if (rows > 0) kinds.add(kind)
  }
  const [plain] = days as [Day]
  expect((await document(plain, 'rows')).tables).toEqual(
    SOURCE_TABLES.map(({ name }) => ({ table: name, rows: plain.tables[name]?.rows.length })),
  )
  // What there is to be equal in.
  const states = days.flatMap(({ points }) => [...points.values()].map(({ state }) => state))
  expect([...new Set(states)].sort()).toEqual(['none', 'reset', 'rewind'])
  expect([...kinds].sort()).toEqual(['copied', 'deleted', 'equal', 'late', 'updated', 'waiting'])
  expect(days.some(({ local }) => local.checks.some(({ status }) => status === 'fail'))).toBe(true)
  expect(days.some(({ local }) => local.checks.some(({ name, bad_rows }) => /moved/.test(name) && bad_rows > 0))).toBe(
    true,
  )
})

test('a look writes nothing but its document, and leaves no copy of raw', async () => {
  for (const day of days)
    for (const kind of Object.keys(day.asked)) {
      const folder = join(scratch.path, `${day.name}-${kind}`)
      expect((await readdir(folder)).sort()).toEqual(['events.jsonl', 'glue', 'source'])
      expect(await readdir(join(folder, 'glue/temp/look-1'))).toEqual(['look.json'])
      expect(existsSync(join(folder, 'runs'))).toBe(false)
    }
})
