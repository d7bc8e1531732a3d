import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LocalBookmarkAudit } from '../../../../src/lib/adapters/local/bookmark-audit.js'
import { LocalBookmarkChanges } from '../../../../src/lib/adapters/local/warehouse/bookmarks.js'
import { openLocalWarehouse } from '../../../../src/lib/adapters/local/warehouse/warehouse.js'
import { CsvSource } from '../../../../src/lib/adapters/source/csv/csv-source.js'
import { SOURCE_TABLES, type SourceTableName, sourceTable } from '../../../../src/lib/core/model.js'
import type { AuditKind } from '../../../../src/lib/core/run/bookmark-audit.js'
import { systemClock } from '../../../../src/lib/ports/clock.js'
import { auditBookmarks } from '../../../../src/lib/use-cases/audit-bookmarks.js'
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
      { ...tries(10), endOnFailure: true },
    )
  },
)
