import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { openLocalWarehouse } from '../../../../../src/lib/adapters/local/warehouse/warehouse.js'
import { readAll } from '../../../../support/read-all.js'
import { smallHome } from '../../../../support/small-home.js'

const { home } = smallHome()

test('many queries under one signal listen to it once', async () => {
  const { signal } = new AbortController()
  const warehouse = await openLocalWarehouse(home(), signal)
  try {
    for (let n = 0; n < 30; n++) await readAll(await warehouse.query('select 1 as n', signal))
    // Of the database itself, and of its queries.
    expect(getEventListeners(signal, 'abort').length).toBe(2)
  } finally {
    warehouse.close()
  }
})
