import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cell } from '../../src/lib/ports/warehouse.js'
import { runJobs } from './pipeline.js'
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
