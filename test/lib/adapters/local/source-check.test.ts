import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSample } from '../../../../src/lib/adapters/files/sample/index.js'
import { LocalSourceCheck } from '../../../../src/lib/adapters/local/source-check.js'
import { CsvSource } from '../../../../src/lib/adapters/source/csv/csv-source.js'
import { requestOf } from '../../../fakes/requests.js'
import { temporaryFolder } from '../../../support/temporary.js'

const signal = new AbortController().signal

test('says what an extract would find, and leaves the home as it is: there may be none', async () => {
  const root = await temporaryFolder()
  const folder = join(root, 'source')
  const written = await writeSample(folder, { scale: 0.005, seed: 7, dirt: 0, signal })
  const home = join(root, 'home')
  const check = new LocalSourceCheck({ home, now: () => new Date(), source: () => new CsvSource(folder) })
  const flows = await check.plan(requestOf('r-1'), signal)
  expect(flows.map(({ table, rows_in, unexplained }) => [table, rows_in, unexplained])).toEqual(
    written.tables.map(({ table, rows }) => [table, rows, 0]),
  )
  expect(await readdir(root)).toEqual(['source'])
})

test('a source without lines tells none', async () => {
  const source = { open: () => Promise.reject(new Error('is not asked')) }
  const check = new LocalSourceCheck({ home: '/nowhere', now: () => new Date(), source: () => source })
  expect(await check.lineOf({ table: 'bookings', fields: ['1'], occurrence: 1 }, signal)).toBeUndefined()
})
