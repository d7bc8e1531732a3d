import { expect, test } from 'vitest'
import { naive } from './naive/index.js'
import { GOLDEN_DIRTY, GOLDEN_HISTORY, goldenAnswer, goldenSource } from './support/golden.js'
import { sortedTexts } from './support/pipeline.js'

// The second implementation is only worth something when it is right by itself.
test.each([...GOLDEN_DIRTY, ...GOLDEN_HISTORY])(
  'the naive implementation gives the golden answer of %s',
  async (name) => {
    const golden = await goldenAnswer(name)
    const { cells, raw, filtered } = await naive(goldenSource(name), golden.as_of)
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
  },
)
