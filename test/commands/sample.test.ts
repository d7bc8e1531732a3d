import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import Sample from '../../src/commands/sample.js'
import { type Captured, captureCommand } from '../support/capture-command.js'
import { sampleText } from '../support/sample-rows.js'
import { temporaryFolder } from '../support/temporary.js'

const sample = (...argv: string[]): Promise<Captured> => captureCommand(Sample, 'sample', ...argv)
const TABLES = ['apartments', 'apartment_attributes', 'bookings', 'user_viewing'] as const
const bytes = (name: (typeof TABLES)[number], day = 0): number =>
  Buffer.byteLength(sampleText(name, { scale: 0.01, dirt: 0, day }))

test('sample says what was written, and how to run it', async () => {
  const folder = join(await temporaryFolder(), 'x')
  const printed = (name: (typeof TABLES)[number], rows: string): string =>
    `${name.padEnd(20)} ${rows.padStart(11)} rows ${bytes(name).toLocaleString('en-US').padStart(14)} bytes  ${folder}/${name}.csv\n`
  expect(await sample(folder, '--scale', '0.01', '--dirt', '0')).toEqual({
    stdout:
      printed('apartments', '100') +
      printed('apartment_attributes', '100') +
      printed('bookings', '1,000') +
      printed('user_viewing', '2,000') +
      `sample until 2026-06-30 written to ${folder}\n`,
    stderr: `next: rental-etl run --source csv:${folder} --as-of 2026-06-30\n`,
    code: 0,
  })
})

test('sample --json', async () => {
  const folder = join(await temporaryFolder(), 'x')
  const { stdout, stderr, code } = await sample(folder, '--scale', '0.01', '--dirt', '0', '--seed', '42', '--json')
  expect([stderr, code]).toEqual(['', 0])
  expect(JSON.parse(stdout)).toEqual({
    schema: 'rental-etl/sample/1',
    command: 'sample',
    run_id: null,
    status: 'ok',
    result: {
      folder,
      scale: 0.01,
      seed: 42,
      dirt: 0,
      last_day: '2026-06-30',
      tables: TABLES.map((table, at) => ({
        table,
        rows: [100, 100, 1000, 2000][at],
        bytes: bytes(table),
        path: join(folder, `${table}.csv`),
      })),
      days: [],
    },
    warnings: [],
    next: [`rental-etl run --source csv:${folder} --as-of 2026-06-30`],
    exit: { code: 0, name: 'ok' },
  })
})

test('a history names its days', async () => {
  const folder = join(await temporaryFolder(), 'it is here')
  const { stdout, code } = await sample(`${folder}/`, '--scale', '0.01', '--dirt', '0', '--days', '1', '--json')
  const { result, next } = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(result.tables).toEqual([])
  expect(result.days.map(({ day, folder, last_day }: Record<string, unknown>) => [day, folder, last_day])).toEqual([
    [0, join(folder, 'day00'), '2026-06-30'],
    [1, join(folder, 'day01'), '2026-07-01'],
  ])
  expect(result.days[1].tables[2].bytes).toBe(bytes('bookings', 1))
  expect(next).toEqual([
    `rental-etl run --source 'csv:${folder}/day00' --as-of 2026-06-30`,
    `rental-etl run --source 'csv:${folder}/day01' --as-of 2026-07-01`,
  ])
})

test('a folder with something else in it stays as it is', async () => {
  const folder = join(await temporaryFolder(), 'x')
  await mkdir(folder)
  await writeFile(join(folder, 'mine'), 'mine')
  expect(await sample(folder)).toEqual({
    stdout: '',
    stderr: `error: ${folder} holds mine, which is not of a sample; a sample goes into a new or empty folder, or replaces an earlier sample\n  try: rental-etl sample ${folder}-sample\n`,
    code: 64,
  })
  expect(await readdir(folder)).toEqual(['mine'])
  expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine')
})

test.each([
  ['--scale', '0'],
  ['--scale', 'big'],
  ['--scale', '1001'],
  ['--dirt', '0.6'],
  ['--dirt', '-1'],
  ['--seed', '1.5'],
  ['--days', '-1'],
  ['--days', '366'],
])('%s %s is a mistake', async (flag, value) => {
  const parent = await temporaryFolder()
  const { stdout, stderr, code } = await sample(join(parent, 'x'), `${flag}=${value}`)
  expect([stdout, code]).toEqual(['', 64])
  expect(stderr).toContain(flag)
  expect(stderr).toContain(value)
  expect(await readdir(parent)).toEqual([])
})
