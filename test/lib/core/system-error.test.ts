import { expect, test } from 'vitest'
import { systemError } from '../../../src/lib/core/system-error.js'

const thrown = (code: string, path?: string, syscall?: string): Error =>
  Object.assign(new Error(`${code}: no such luck, open '${path}'`), { code, path, syscall })

test.each([
  ['ENOSPC', 'no space is left on its disk', 'df -h /h/runs   # free some space'],
  [
    'EFBIG',
    'the file grows beyond the limit of a file of this process (ulimit -f)',
    'ulimit -f   # should say unlimited',
  ],
  ['EMFILE', 'this process may open no more files (ulimit -n)', 'ulimit -n   # 1024 or more is enough'],
  ['EAGAIN', 'the system starts no more processes or threads (ulimit -u)', 'ulimit -u   # the limit of processes'],
  ['EROFS', 'its file system is read-only', 'findmnt -T /h/runs   # the file system, and how it is mounted'],
  ['EACCES', 'permission denied', 'ls -ld /h/runs/x   # what it is, and whose'],
  ['EISDIR', 'it is a folder', 'ls -ld /h/runs/x   # what it is, and whose'],
  ['EIO', 'the disk reports a fault', 'dmesg | tail   # what the system says of the disk'],
])('%s is trouble of the surroundings: path, limit and a command', (code, why, suggestion) => {
  const error = thrown(code, '/h/runs/x')
  expect(systemError(error)).toMatchObject({
    code: 'IO',
    exit: 'io',
    message: `cannot read or write /h/runs/x: ${code}: ${why}`,
    suggestions: [suggestion],
    cause: error,
  })
})

test('who knows what was to be done says so, and then no code of the system is a bug', () => {
  expect(systemError(thrown('ENOENT'), { act: 'write', path: '/two words/x' })).toMatchObject({
    message: 'cannot write /two words/x: ENOENT: no such luck',
    suggestions: [`ls -ld '/two words'`],
  })
  expect(systemError(thrown('ENOSPC', '/h/tmp/y'), { act: 'write', path: '/h/x' })).toMatchObject({
    message: expect.stringContaining('/h/tmp/y'),
  })
})

test('a working directory that was removed is named', () => {
  expect(systemError(thrown('ENOENT', undefined, 'uv_cwd'))).toMatchObject({ code: 'NOT_FOUND', exit: 'not_found' })
})

test.each([[thrown('ENOENT')], [new TypeError('x is not a function')], ['text']])('%s stays as it is', (error) => {
  expect(systemError(error)).toBe(error)
})
