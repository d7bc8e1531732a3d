import { expect } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { naive, RELATIONS } from '../naive/index.js'
import { readLedger, readRelations } from './pipeline.js'

/** Every cell of raw, curated and the views, and every count, is what one full refresh of the folder gives. */
export async function expectNaive(home: string, folder: string, asOf: string): Promise<void> {
  const expected = await naive(folder, asOf)
  const found = await readRelations(home, RELATIONS)
  for (const name of Object.keys(RELATIONS)) expect({ [name]: found[name] }).toEqual({ [name]: expected.cells[name] })
  const { ledger } = await readLedger(home)
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
}
