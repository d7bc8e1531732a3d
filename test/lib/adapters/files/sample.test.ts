import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import {
  ensureSample,
  isSample,
  MARKER,
  writeSample,
  writeSampleHistory,
} from '../../../../src/lib/adapters/files/sample/index.js'
import { EtlError } from '../../../../src/lib/core/errors.js'
import { SOURCE_TABLES } from '../../../../src/lib/core/model.js'
import { sampleText } from '../../../support/sample-rows.js'
import { temporaryFolder } from '../../../support/temporary.js'

const SMALL = { scale: 0.01 }
const TINY = { scale: 0.0001 }
const FILES = ['apartment_attributes.csv', 'apartments.csv', 'bookings.csv', 'user_viewing.csv']
const WHOLE = [MARKER, ...FILES]

const list = async (folder: string): Promise<string[]> => (await readdir(folder)).sort()
const root = async (): Promise<string> => join(await temporaryFolder(), 'sample')

test('writes the four files and says what is in them', async () => {
  const folder = await root()
  const written = await writeSample(folder, SMALL)
  expect(await list(folder)).toEqual(WHOLE)
  expect(written).toEqual({
    folder,
    scale: 0.01,
    seed: 42,
    dirt: 0.02,
    last_day: '2026-06-30',
    tables: await Promise.all(
      SOURCE_TABLES.map(async ({ name }, at) => ({
        table: name,
        rows: written.tables[at]?.rows,
        bytes: (await stat(join(folder, `${name}.csv`))).size,
        path: join(folder, `${name}.csv`),
      })),
    ),
    days: [],
  })
  for (const { name } of SOURCE_TABLES) {
    expect(await readFile(join(folder, `${name}.csv`), 'utf8')).toBe(sampleText(name, SMALL))
  }
})

test('rows are records, also of odd rows', async () => {
  const { tables } = await writeSample(await root(), { ...SMALL, dirt: 0 })
  expect(tables.map(({ rows }) => rows)).toEqual([100, 100, 1000, 2000])
})

test('a history is a folder for each day', async () => {
  const folder = await root()
  const written = await writeSampleHistory(folder, { ...SMALL, seed: 7, dirt: 0.1, days: 2 })
  expect(await list(folder)).toEqual([MARKER, 'day00', 'day01', 'day02'])
  expect(written.tables).toEqual([])
  expect(written.last_day).toBe('2026-07-02')
  expect(written.days.map(({ tables, ...day }) => [day, tables.map(({ path }) => path)])).toEqual(
    ['2026-06-30', '2026-07-01', '2026-07-02'].map((last_day, day) => {
      const dayFolder = join(folder, `day0${day}`)
      return [{ day, folder: dayFolder, last_day }, SOURCE_TABLES.map(({ name }) => join(dayFolder, `${name}.csv`))]
    }),
  )
  const asked = { ...SMALL, seed: 7, dirt: 0.1, day: 2 }
  expect(await readFile(join(folder, 'day02', 'bookings.csv'), 'utf8')).toBe(sampleText('bookings', asked))
  expect(await isSample(folder, 0.01)).toBe(false)
})

test('a sample that is there whole is left alone; another one, or one with a file missing, is made anew', async () => {
  const folder = await root()
  expect(await isSample(folder, 0.01)).toBe(false)
  await ensureSample(folder, SMALL)
  expect(await isSample(folder, 0.01)).toBe(true)
  expect(await isSample(folder, 0.02)).toBe(false)
  const file = join(folder, 'bookings.csv')
  await writeFile(file, 'changed by somebody')
  await ensureSample(folder, SMALL)
  expect(await readFile(file, 'utf8')).toBe('changed by somebody')
  await ensureSample(folder, { scale: 0.02 })
  expect(await readFile(file, 'utf8')).toBe(sampleText('bookings', { scale: 0.02 }))
  await rm(file)
  expect(await isSample(folder, 0.02)).toBe(false)
  await ensureSample(folder, { scale: 0.02 })
  const marker = join(folder, MARKER)
  await writeFile(marker, (await readFile(marker, 'utf8')).replace('"version":', '"version":1'))
  expect(await isSample(folder, 0.02)).toBe(false)
  await writeFile(marker, 'torn')
  await ensureSample(folder, { scale: 0.02 })
  expect(await isSample(folder, 0.02)).toBe(true)
  expect(await list(dirname(folder))).toEqual(['sample'])
})

test('several may write the same sample at once', async () => {
  for (const write of [ensureSample, writeSample]) {
    const folder = await root()
    await Promise.all(Array.from({ length: 8 }, () => write(folder, TINY)))
    expect(await list(folder)).toEqual(WHOLE)
    expect(await readFile(join(folder, 'bookings.csv'), 'utf8')).toBe(sampleText('bookings', TINY))
    expect(await list(dirname(folder))).toEqual(['sample'])
  }
})

test('a sample that another process has finished first is not replaced: it may be read already', async () => {
  const [folder, other] = [await root(), await root()]
  const asked = { scale: 0.3 }
  await ensureSample(other, asked)
  const { ino } = await stat(join(other, 'bookings.csv'))
  const started = new Promise<void>((resolve) => {
    const watcher = watch(dirname(folder), () => resolve())
    onTestFinished(() => watcher.close())
  })
  const slower = ensureSample(folder, asked)
  await started
  await rename(other, folder)
  await slower
  expect((await stat(join(folder, 'bookings.csv'))).ino).toBe(ino)
  expect(await list(dirname(folder))).toEqual(['sample'])
})

test('an empty folder is filled, an earlier sample replaced, and it stays the same folder', async () => {
  const folder = await root()
  await mkdir(folder)
  const { ino } = await stat(folder)
  await writeSampleHistory(folder, { ...SMALL, days: 1 })
  await writeSample(folder, SMALL)
  expect(await list(folder)).toEqual(WHOLE)
  expect((await stat(folder)).ino).toBe(ino)
})

test('a folder with anything else in it is not touched', async () => {
  const folder = await root()
  await writeSample(folder, SMALL)
  await writeFile(join(folder, 'notes.txt'), 'mine')
  await expect(writeSample(folder, { scale: 0.02 })).rejects.toMatchObject({
    code: 'USAGE',
    exit: 'usage',
    message: `${folder} holds notes.txt, which is not of a sample; a sample goes into a new or empty folder, or replaces an earlier sample`,
    suggestions: [`rental-etl sample ${folder}-sample`],
  })
  expect(await isSample(folder, 0.01)).toBe(true)
  const source = await root()
  await mkdir(source)
  await writeFile(join(source, 'bookings.csv'), 'mine')
  await expect(writeSample(source, SMALL)).rejects.toMatchObject({ code: 'USAGE' })
  await expect(writeSample(join(source, 'bookings.csv'), SMALL)).rejects.toMatchObject({ code: 'USAGE' })
  expect(await readFile(join(source, 'bookings.csv'), 'utf8')).toBe('mine')
  await expect(writeSample(join(source, 'bookings.csv', 'x'), SMALL)).rejects.toMatchObject({ code: 'USAGE' })
})

test('what is stopped half-way leaves nothing', async () => {
  const folder = await root()
  const stop = new AbortController()
  const watcher = watch(dirname(folder), () => stop.abort(new EtlError('stopped', { code: 'INTERRUPTED' })))
  onTestFinished(() => watcher.close())
  await expect(writeSample(folder, { scale: 5, signal: stop.signal })).rejects.toThrow('stopped')
  expect(await list(dirname(folder))).toEqual([])
})

test('who is killed half-way leaves no marker, and what is left goes next time', async () => {
  const folder = await root()
  const parent = dirname(folder)
  const started = new Promise<void>((resolve) => {
    const watcher = watch(parent, () => resolve())
    onTestFinished(() => watcher.close())
  })
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
  const child = spawn(
    process.execPath,
    [
      ...['--experimental-transform-types', '--no-warnings', '--import', here('../../../fixtures/typescript.mjs')],
      ...['--input-type=module', '--eval'],
      `const { writeSample } = await import(${JSON.stringify(here('../../../../src/lib/adapters/files/sample/index.ts'))})
       await writeSample(${JSON.stringify(folder)}, { scale: 50 })`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = once(child, 'exit')
  await Promise.race([started, ended])
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
  const left = await list(parent)
  expect(left).toEqual([expect.stringMatching(new RegExp(`^sample\\.rental-etl-partial-${child.pid}-[0-9a-f]{6}$`))])
  expect(await list(join(parent, left[0] as string))).not.toContain(MARKER)
  await ensureSample(folder, SMALL)
  expect(await list(parent)).toEqual(['sample'])
  expect(await list(folder)).toEqual(WHOLE)
})
