import { expect, test } from 'vitest'
import { systemError } from '../../../src/lib/core/system-error.js'

const thrown = (code: string, path?: string): Error => Object.assign(new Error(`${code}: no`), { code, path })

test.each([
  [thrown('ENOSPC'), ['df -h .   # free some space, then: rental-etl resume']],
  [thrown('EACCES', '/home/runs'), ['ls -ld /home/runs', 'rental-etl run --home DIR   # a folder that can be written']],
  [thrown('EROFS'), ['rental-etl run --home DIR   # a folder that can be written']],
  [thrown('EISDIR', '/home/warehouse.duckdb'), ['ls -ld /home/warehouse.duckdb', 'rental-etl doctor']],
  [thrown('EIO'), ['rental-etl doctor']],
])('%s is trouble of the surroundings', (error, suggestions) => {
  expect(systemError(error)).toMatchObject({
    code: 'IO',
    exit: 'io',
    message: `cannot read or write: ${error.message}`,
    suggestions,
    cause: error,
  })
})

test.each([[thrown('ENOENT')], [new TypeError('x is not a function')], ['text']])('%s stays as it is', (error) => {
  expect(systemError(error)).toBe(error)
})
