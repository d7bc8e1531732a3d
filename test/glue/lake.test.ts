import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary.js'
import { python } from './python.js'

test('a file without rows is left in no folder of the lake: nobody would know whose it is', {
  timeout: 120_000,
}, async () => {
  const told = JSON.parse(await python('lake_case.py', [await temporaryFolder()]))
  expect(told.described.length).toBeGreaterThan(0)
  expect(told.there).toEqual(told.described)
})
