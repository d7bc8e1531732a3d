import { expect } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import type { LedgerLine } from '../../src/lib/core/verify/verify.js'
import { naive, RELATIONS } from '../naive/index.js'
import type { Words } from '../naive/values.js'
import { readAll } from './pipeline.js'

/**
 * Every cell of raw, curated and the views, and every count, is what one full refresh of the folder gives.
 * @returns the ledger, for those who have more to say of it
 */
export async function expectNaive(
  home: string,
  folder: string,
  asOf: string,
  words: Words = 'csv',
): Promise<LedgerLine[]> {
  const expected = await naive(folder, asOf, words)
  const { found, ledger } = await readAll(home, RELATIONS)
  for (const name of Object.keys(RELATIONS)) {
    // Texts and NULL in lists: alike as text is alike, at a tenth of the cost. What differs is shown cell by cell.
    if (JSON.stringify(found[name]) === JSON.stringify(expected.cells[name])) continue
    expect({ [name]: found[name] }).toEqual({ [name]: expected.cells[name] })
  }
  for (const { name, raw } of SOURCE_TABLES) {
    const table = expected.raw[name]
    expect(ledger.find(({ hop, table: of }) => hop === 'lake_to_raw' && of === raw)).toMatchObject({
      rows_in: table?.sourceRows,
      superseded: table?.superseded,
      quarantined: table?.quarantined,
      nullified: table?.nullified,
    })
  }
  for (const [table, filtered] of Object.entries(expected.filtered)) {
    expect(ledger.find(({ hop, table: of }) => hop === 'raw_to_curated' && of === table)).toMatchObject({ filtered })
  }
  return ledger
}
