import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { writeBugReport } from '../../../src/lib/shell/bug-report.js'
import { temporaryFolder } from '../../support/temporary.js'

const argv = process.argv
afterEach(() => {
  process.argv = argv
  vi.unstubAllEnvs()
})

const ASKED = { command: 'runs show', flags: ['json', 'home'] }

test('what is needed to find a bug, and no value that was given', async () => {
  const home = await temporaryFolder()
  process.argv = [
    'node',
    'run.js',
    'query',
    '-- a secret question',
    '--home=/secret\nplace',
    '--json',
    '-o',
    'secret',
    '--limit',
    '5',
    '--city',
    '--',
    '--not a flag',
  ]
  const error = new TypeError('oops at mysql://root:secret@db', {
    cause: new Error('inner', { cause: new Error('root') }),
  })
  const file = await writeBugReport(error, ASKED, home)
  expect(dirname(file as string)).toBe(join(home, 'reports'))
  expect(file).toMatch(/rental-etl-report-\d{8}T\d{9}Z-\d+\.json$/)
  expect((await stat(file as string)).mode & 0o777).toBe(0o600)
  const text = await readFile(file as string, 'utf8')
  const { stack, ...report } = JSON.parse(text)
  expect(report).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    command: 'runs show',
    flags: ['--home', '--json', '-o', '--limit', '--city'],
  })
  expect(stack[0]).toBe('TypeError: oops at mysql://root:***@db')
  expect(stack.filter((line: string) => line.startsWith('caused by '))).toEqual([
    'caused by Error: inner',
    'caused by Error: root',
  ])
  expect(text).not.toContain('secret')
})

test('without a home, or where it is not one, the report lies in the folder for temporary files', async () => {
  const temporary = await temporaryFolder()
  vi.stubEnv('TMPDIR', temporary)
  expect(tmpdir()).toBe(temporary)
  const blocked = join(temporary, 'blocked')
  await mkdir(blocked)
  await writeFile(join(blocked, 'reports'), 'a file')
  for (const home of [undefined, join(temporary, 'none'), blocked]) {
    const file = await writeBugReport('only a text', { command: undefined, flags: [] }, home)
    expect(dirname(file as string)).toBe(temporary)
    expect(JSON.parse(await readFile(file as string, 'utf8'))).toMatchObject({ command: null, stack: ['only a text'] })
  }
  // A home is never made for a report.
  expect((await readdir(temporary)).includes('none')).toBe(false)
})

test('nowhere to write: no report, and no error', async () => {
  vi.stubEnv('TMPDIR', '/proc/none')
  expect(await writeBugReport(new Error('x'), ASKED, undefined)).toBeUndefined()
})
