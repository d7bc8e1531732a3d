import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Cell } from '../src/lib/ports/warehouse.js'
import { naive } from './naive/index.js'
import { sortedTexts } from './support/pipeline.js'
import { sharedData } from './support/shared-data.js'

interface Golden {
  as_of: string
  raw: Record<string, { source_rows: number; superseded: number; quarantined_by_rule: object; nullified: object }>
  curated: Record<string, { filtered?: object; rows?: number }>
  views: Record<string, { rows: Cell[][] }>
  tables?: Record<string, { rows: Cell[][] }>
}

const cases = [
  ...[2, 4, 6, 8].map((n) => [`dirty${n}`, `dirty${n}.expected.json`]),
  ...[0, 1, 2, 3, 4, 5].map((n) => [`history/day0${n}`, `history.day0${n}.expected.json`]),
]

// The second implementation is only worth something when it is right by itself.
test.each(cases)('the naive implementation gives the golden answer of %s', async (name, answer) => {
  const folder = sharedData('golden')
  if (!folder) return
  const golden = JSON.parse(await readFile(join(folder, answer as string), 'utf8')) as Golden
  const { cells, raw, filtered } = await naive(join(folder, name as string), golden.as_of)
  for (const [view, { rows }] of Object.entries(golden.views)) {
    expect({ [view]: cells[`presentation.${view}`] }).toEqual({ [view]: sortedTexts(rows) })
  }
  for (const [table, { rows }] of Object.entries(golden.tables ?? {})) {
    expect({ [table]: cells[table] }).toEqual({ [table]: sortedTexts(rows) })
  }
  for (const [table, counts] of Object.entries(golden.raw)) {
    const { sourceRows, superseded, quarantined, nullified } = raw[table] ?? {}
    expect({ sourceRows, superseded, quarantined, nullified }).toEqual({
      sourceRows: counts.source_rows,
      superseded: counts.superseded,
      quarantined: counts.quarantined_by_rule,
      nullified: counts.nullified,
    })
  }
  for (const [table, counts] of Object.entries(golden.curated)) {
    if (table === 'dim_dates') expect(cells['curated.dim_dates']?.length).toBe(counts.rows)
    else expect({ [table]: filtered[table] }).toEqual({ [table]: counts.filtered ?? {} })
  }
})
