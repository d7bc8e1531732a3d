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

const call = (syscall: string, code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, path, syscall })

test('what is wrong with the place of the process is told as that', () => {
  expect(systemError(call('uv_cwd', 'ENOENT'))).toMatchObject({ code: 'NOT_FOUND', exit: 'not_found' })
  for (const code of ['ENOENT', 'ENOTDIR', 'EACCES']) {
    expect(systemError(call('mkdtemp', code, '/no where/rental-etl-XXX'))).toMatchObject({
      code: 'IO',
      message: `no folder for temporary files can be made in /no where (TMPDIR): ${code}: mkdtemp`,
      suggestions: ['export TMPDIR=DIR   # a folder that can be written', "ls -ld '/no where'"],
    })
  }
  expect(systemError(call('mkdtemp', 'ENOSPC', '/tmp/x'))).toMatchObject({
    suggestions: ['df -h .   # free some space, then: rental-etl resume'],
  })
})
