import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { LedgerLine } from '../../src/lib/core/verify/verify.js'
import type { Cell } from '../../src/lib/ports/warehouse.js'
import { runJobs, sortedTexts } from './pipeline.js'
import { copyOfShared } from './shared-homes.js'
import { temporaryFolder } from './temporary.js'

const FOLDER = fileURLToPath(new URL('../fixtures/golden/', import.meta.url))

/** What stands beside a source: the answer of an implementation of its own, in exact arithmetic. */
export interface Golden {
  as_of: string
  raw: Record<string, GoldenRaw>
  curated: Record<string, { rows: number; filtered?: Record<string, number> }>
  views: Record<string, GoldenTable>
  tables?: Record<string, GoldenTable>
}

interface GoldenRaw {
  source_rows: number
  raw_rows: number
  superseded: number
  quarantined_by_rule: Record<string, number>
  nullified: Record<string, number>
}

interface GoldenTable {
  columns: string[]
  rows: Cell[][]
}

/** Sources by themselves. */
export const GOLDEN_DIRTY = ['dirty2', 'dirty4', 'dirty6', 'dirty8']

/** One source after another, to be loaded into one home in this order. */
export const GOLDEN_HISTORY = [0, 1, 2, 3, 4, 5].map((day) => `history/day0${day}`)

/** The folder of a made-up source that uses everything that is allowed. @param name as in the lists above */
export function goldenSource(name: string): string {
  return join(FOLDER, name)
}

/** A home that a golden source was loaded into, for the tests of two files. */
export async function goldenHome(name: string): Promise<string> {
  const folder = await temporaryFolder()
  await copyOfShared(`golden-${name}`, folder, async (home) => {
    const { as_of } = await goldenAnswer(name)
    await runJobs({ home, folder: goldenSource(name), asOf: as_of, runId: 'r1' })
  })
  return folder
}

export async function goldenAnswer(name: string): Promise<Golden> {
  return JSON.parse(await readFile(join(FOLDER, `${name.replace('/', '.')}.expected.json`), 'utf8')) as Golden
}

/** The relations of which an answer tells every cell, with their columns. */
export function goldenRelations(golden: Golden): Record<string, string[]> {
  return Object.fromEntries(Object.entries(answeredTables(golden)).map(([name, { columns }]) => [name, columns]))
}

/**
 * Every cell and count is that of the answer, and the ledger balances.
 * @param found rows by relation, sorted
 * @param without rows of the answer's source that this one lacks, by table: those that a later one supersedes, and those that are bad by a rule
 */
export function expectGolden(
  { found, ledger }: { found: Record<string, (string | null)[][]>; ledger: readonly LedgerLine[] },
  golden: Golden,
  without: Record<string, Lacking> = {},
): void {
  for (const [name, table] of Object.entries(answeredTables(golden)))
    expect({ [name]: found[name] }).toEqual({ [name]: sortedTexts(table.rows) })
  for (const [table, raw] of Object.entries(golden.raw)) {
    const { superseded, fields } = without[table] ?? { superseded: 0, fields: 0 }
    const { 'bad_row:fields': badFields = 0, ...quarantined } = raw.quarantined_by_rule
    expect(ledger.find(({ hop, table: name }) => hop === 'lake_to_raw' && name === `stg_${table}`)).toMatchObject({
      rows_in: raw.source_rows - superseded - fields,
      rows_out: raw.raw_rows,
      superseded: raw.superseded - superseded,
      quarantined: badFields > fields ? { ...quarantined, 'bad_row:fields': badFields - fields } : quarantined,
      nullified: raw.nullified,
      unexplained: 0,
    })
  }
  for (const [table, curated] of Object.entries(golden.curated)) {
    if (table === 'dim_dates') continue
    const line = ledger.find(({ hop, table: name }) => hop === 'raw_to_curated' && name === table)
    expect(line).toMatchObject({ table, rows_out: curated.rows, filtered: curated.filtered ?? {}, unexplained: 0 })
  }
  expect(ledger.every(({ status }) => status === 'pass')).toBe(true)
}

/** How many rows a source lacks beside the one that an answer is about. */
export interface Lacking {
  superseded: number
  fields: number
}

function answeredTables({ tables, views }: Golden): Record<string, GoldenTable> {
  return {
    ...tables,
    ...Object.fromEntries(Object.entries(views).map(([name, view]) => [`presentation.${name}`, view])),
  }
}
