import { expect, test } from 'vitest'
import type { FoundSource } from '../../../src/lib/core/config/found-table.js'
import { proposeMapping } from '../../../src/lib/use-cases/guess-mapping.js'

const signal = new AbortController().signal
const look = (found: FoundSource | undefined) => proposeMapping({ source: 'csv:d', look: async () => found }, signal)

test('a source of the model needs none', async () => {
  expect(await look(undefined)).toEqual({ proposal: undefined, faults: [] })
})

test('one without tables is no source; what cannot be read is told', async () => {
  await expect(look({ tables: [], anyCase: false })).rejects.toMatchObject({ code: 'SOURCE_SCHEMA' })
  const tables = [{ name: 'bookings', columns: [], fault: 'it mixes line ends' }]
  expect(await look({ tables, anyCase: false })).toMatchObject({
    faults: ['it mixes line ends'],
    proposal: { mapping: {} },
  })
})
