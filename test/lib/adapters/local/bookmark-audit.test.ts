import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LocalBookmarkAudit } from '../../../../src/lib/adapters/local/bookmark-audit.js'
import { createJobs } from '../../../../src/lib/adapters/local/jobs/index.js'
import { LocalBookmarkChanges } from '../../../../src/lib/adapters/local/warehouse/bookmarks.js'
import { openLocalWarehouse } from '../../../../src/lib/adapters/local/warehouse/warehouse.js'
import { CsvSource } from '../../../../src/lib/adapters/source/csv/csv-source.js'
import { SOURCE_TABLES, type SourceTableName, sourceTable } from '../../../../src/lib/core/model.js'
import type { AuditKind } from '../../../../src/lib/core/run/bookmark-audit.js'
import { changeStates } from '../../../../src/lib/core/run/bookmark-change.js'
import { newRequest } from '../../../../src/lib/core/run/request.js'
import { systemClock } from '../../../../src/lib/ports/clock.js'
import { auditBookmarks } from '../../../../src/lib/use-cases/audit-bookmarks.js'
import { bookmarkBook } from '../../../../src/lib/use-cases/bookmarks.js'
import { planChange, type WantedChange } from '../../../../src/lib/use-cases/change-bookmarks.js'
import { PATIENCE, tries } from '../../../support/invariants.js'
import { readLedger, runJobs } from '../../../support/pipeline.js'
import {
  type CleanSource,
  cleanSource,
  keyText,
  lastPlace,
  type Planted,
  plant,
  plants,
  record,
  writeClean,
} from '../../../support/planted-source.js'
import { scratchFolder } from '../../../support/temporary.js'

const names = SOURCE_TABLES.map(({ name }) => name)

/** `table kind key`, sorted. */
async function found(home: string, folder: string): Promise<string[]> {
  const audit = new LocalBookmarkAudit({ home, now: () => new Date(), source: () => new CsvSource(folder) })
  const ports = { audit, warehouse: () => openLocalWarehouse(home) }
  const { lost, tables } = await auditBookmarks(ports, {
    ...{ tables: names, keys: 1000, signal: new AbortController().signal },
  })
  const lines = tables.flatMap(({ table, kinds }) =>
    kinds.flatMap((one) => {
      expect(one.keys.length).toBe(one.rows)
      return one.keys.map((key) => ({ ...one, text: `${table} ${one.kind} ${keyText(table as SourceTableName, key)}` }))
    }),
  )
  expect(lost).toBe(lines.filter((one) => one.lost).length)
  return lines.map(({ text }) => text).sort()
}

async function change(home: string, wanted: WantedChange): Promise<void> {
  const planned = await (async () => {
    await using warehouse = await openLocalWarehouse(home)
    return (await planChange(warehouse, wanted, undefined)).change
  })()
  await new LocalBookmarkChanges(home, systemClock, () => undefined).change(planned)
}

/** What a planted row is for a bookmark that stands at these places. */
function kindOf({ table, kind, place }: Planted, places: Readonly<Record<string, number>>): AuditKind {
  const from = places[table] as number
  if (kind === 'deleted') return kind
  if (place === from && sourceTable(table).bookmark.inclusive) return 'equal'
  return place > from ? 'waiting' : kind
}

const expected = (planted: readonly Planted[], places: Readonly<Record<string, number>>): string[] =>
  planted.map((one) => `${one.table} ${kindOf(one, places)} ${one.key}`).sort()

const placesOf = (source: CleanSource): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, lastPlace(source, name)]))

test(
  'exactly the planted rows, by kind: those that are lost stay so by bookmark alone, the others are taken',
  PATIENCE,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), plants, fc.boolean(), async (size, all, rewinds) => {
        await using scratch = await scratchFolder()
        const home = join(scratch.path, 'home')
        const folder = (day: number): string => join(scratch.path, `day${day}`)
        const run = (day: number, runId: string, reconcile: boolean) =>
          runJobs({ home, folder: folder(day), asOf: '2024-06-15', runId, reconcile, to: 'raw' })
        const first = cleanSource(size)
        await writeClean(folder(1), first)
        await run(1, 'first', true)
        const second = structuredClone(first)
        for (const name of names) second[name].push(record(name, lastPlace(first, name) + 6))
        await writeClean(folder(2), second)
        await run(2, 'second', false)
        expect(await found(home, folder(2))).toEqual([])

        const { source, planted } = plant(second, all)
        await writeClean(folder(3), source)
        if (rewinds) await change(home, { kind: 'rewind', tables: names, to: { run: 'first' } })
        const places = placesOf(rewinds ? first : second)
        expect(await found(home, folder(3))).toEqual(expected(planted, places))

        // What the audit says of a bookmark alone is what a bookmark alone does.
        await run(3, 'third', false)
        const taken = ['equal', 'waiting']
        const left = planted.filter((one) => !taken.includes(kindOf(one, places)))
        expect(await found(home, folder(3))).toEqual(expected(left, {}))
        const { ledger } = await readLedger(home)
        expect(ledger.filter(({ unexplained }) => unexplained !== 0)).toEqual([])

        await run(3, 'fourth', true)
        expect(await found(home, folder(3))).toEqual([])
      }),
      // A case takes seconds: to look for a smaller one would take minutes.
      { ...tries(2), endOnFailure: true },
    )
  },
)

test('copies that were known before are not counted twice when a rewind reads them again', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const run = (day: number, reconcile: boolean) =>
    runJobs({
      home,
      folder: join(scratch.path, `day${day}`),
      asOf: '2024-06-15',
      runId: `r${day}`,
      reconcile,
      to: 'raw',
    })
  const source = cleanSource(2)
  const again = record('bookings', 6)
  const [one, two, three] = [1, 2, 3].map((copies) => ({
    ...source,
    bookings: [...source.bookings, ...Array.from({ length: copies }, () => again)],
  })) as [CleanSource, CleanSource, CleanSource]
  for (const [day, what] of [source, one, two, three].entries()) await writeClean(join(scratch.path, `day${day}`), what)
  await run(0, true)
  for (const day of [1, 2, 3]) {
    if (day > 1) await change(home, { kind: 'rewind', tables: ['bookings'], to: { run: 'r0' } })
    await run(day, false)
    const { ledger } = await readLedger(home)
    const line = ledger.find(({ hop, table }) => hop === 'lake_to_raw' && table === 'stg_bookings')
    expect(line).toMatchObject({ rows_in: 2 + day, rows_out: 3, superseded: day - 1, unexplained: 0 })
    // Nothing is taken twice, and the rewind is done with, also where no row moved.
    expect(await found(home, join(scratch.path, `day${day}`))).toEqual([])
  }
})

test('a rewind ends with the run that reads from it, also where nothing moves, and with any that reconciles', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const folder = join(scratch.path, 'source')
  const source = cleanSource(3)
  await writeClean(folder, source)
  const run = (runId: string, reconcile: boolean) =>
    runJobs({ home, folder, asOf: '2024-06-15', runId, reconcile, to: 'raw' })
  await run('first', true)
  for (const name of names) source[name].push(record(name, 8))
  await writeClean(folder, source)
  await run('second', true)
  const pending = async (): Promise<boolean[]> => {
    await using warehouse = await openLocalWarehouse(home)
    return (await bookmarkBook(warehouse)).marks.map(({ rewind_pending }) => rewind_pending)
  }
  for (const [at, reconcile] of [true, false, false, true].entries()) {
    await change(home, { kind: 'rewind', tables: names, to: { run: 'first' } })
    expect(await pending()).toEqual([true, true, true, true])
    const events = await run(`third-${at}`, reconcile)
    const flows = events.flatMap((event) => (event.type === 'table_done' && event.layer === 'raw' ? [event.flow] : []))
    expect(flows.map(({ inserted, updated, deleted }) => inserted + updated + deleted)).toEqual([0, 0, 0, 0])
    const read = events.flatMap((event) =>
      event.type === 'table_done' && event.layer === 'extract' ? [event.flow] : [],
    )
    // Beyond the place of the first run stands one row of each; of the views that of the place itself, too.
    const rows = Object.fromEntries(read.map(({ table, rows_in }) => [table, rows_in]))
    const one = { apartments: 1, apartment_attributes: 1, bookings: 1, user_viewing: 2 }
    expect(rows).toEqual(reconcile ? Object.fromEntries(names.map((name) => [name, 4])) : one)
    expect(await pending()).toEqual([false, false, false, false])
  }
})

test('a rewind to before a table held anything reads it from the beginning, by bookmark', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const folder = join(scratch.path, 'source')
  const source = { ...cleanSource(2), bookings: [] as Record<string, string>[] }
  await writeClean(folder, source)
  const run = (runId: string, reconcile: boolean) =>
    runJobs({ home, folder, asOf: '2024-06-15', runId, reconcile, to: 'raw' })
  await run('first', true)
  source.bookings.push(record('bookings', 2), record('bookings', 4))
  await writeClean(folder, source)
  await run('second', true)
  // One is gone and one came late: from the beginning a bookmark takes the late one, and is blind to the other still.
  source.bookings = [record('bookings', 1), record('bookings', 4)]
  await writeClean(folder, source)
  await change(home, { kind: 'rewind', tables: ['bookings'], to: { run: 'first' } })
  expect(await found(home, folder)).toEqual(['bookings deleted 2', 'bookings waiting 1'])
  await run('third', false)
  expect(await found(home, folder)).toEqual(['bookings deleted 2'])
})

test('a change that came after an extract waits for the next one', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const folder = join(scratch.path, 'source')
  const source = cleanSource(3)
  await writeClean(folder, source)
  const request = { home, folder, asOf: '2024-06-15' }
  await runJobs({ ...request, runId: 'first', to: 'raw' })
  source.bookings.push(record('bookings', 8))
  await writeClean(folder, source)
  await runJobs({ ...request, runId: 'second', to: 'extract' })
  await change(home, { kind: 'reset', tables: ['bookings'] })
  const jobs = createJobs({ home, now: () => new Date(), source: () => new CsvSource(folder) })
  const context = { emit: () => undefined, signal: new AbortController().signal }
  await jobs.s3_to_redshift_raw(newRequest({ run_id: 'second', as_of: '2024-06-15' }), context)
  const book = async () => {
    await using warehouse = await openLocalWarehouse(home)
    return await bookmarkBook(warehouse)
  }
  const waiting = await book()
  expect(waiting.marks.find(({ table }) => table === 'bookings')?.reset_pending).toBe(true)
  expect([...changeStates(waiting.changes, waiting.load_seq).values()]).toEqual(['pending'])
  await runJobs({ ...request, runId: 'third', to: 'raw' })
  const done = await book()
  expect(done.marks.find(({ table }) => table === 'bookings')?.reset_pending).toBe(false)
  expect([...changeStates(done.changes, done.load_seq).values()]).toEqual(['used'])
})

test('of a table that is to be read whole nothing is lost', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const folder = join(scratch.path, 'source')
  const source = cleanSource(3)
  await writeClean(folder, source)
  await runJobs({ home, folder, asOf: '2024-06-15', runId: 'first', to: 'raw' })
  source.bookings = [record('bookings', 1), record('bookings', 4), record('bookings', 6)]
  source.apartments.pop()
  await writeClean(folder, source)
  expect(await found(home, folder)).toEqual(['apartments deleted 6', 'bookings deleted 2', 'bookings late 1'])
  await change(home, { kind: 'reset', tables: ['bookings'] })
  expect(await found(home, folder)).toEqual(['apartments deleted 6', 'bookings waiting 1', 'bookings waiting 2'])
  await runJobs({ home, folder, asOf: '2024-06-15', runId: 'second', reconcile: false, to: 'raw' })
  expect(await found(home, folder)).toEqual(['apartments deleted 6'])
})
