import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type OpenCsv, openCsv } from '../../../../../src/lib/adapters/source/csv/open-csv.js'
import { openFile, openInThread } from '../../../../../src/lib/adapters/source/csv/open-in-thread.js'
import { statSource } from '../../../../../src/lib/adapters/source/csv/source-file.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'
import { sourceTable } from '../../../../../src/lib/core/model.js'
import { bookings, HEADERS } from '../../../../support/bookings-days.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const HEADER = HEADERS.bookings as string
const table = sourceTable('bookings')
const { signal } = new AbortController()

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})

/** Both ways, each with a work folder of the same name, so that what they say is the same. */
async function bothOf(text: string | Buffer, day?: OpenCsv): Promise<unknown[]> {
  const path = join(folder, 'bookings.csv')
  const work = join(folder, 'work')
  await writeFile(path, text)
  const source = await statSource(path)
  const before = day?.blocks ? { before: day.blocks } : {}
  const found: unknown[] = []
  for (const open of [openCsv, openInThread]) {
    await mkdir(work)
    const opened = await open(source, work, { signal, table, ...before }).catch((error: Error) => error)
    found.push(opened instanceof Error ? saidOf(opened) : [withoutChance(opened), await filesOf(opened)])
    await rm(work, { recursive: true })
  }
  return found
}

function saidOf(error: Error): unknown {
  const { code, exit, suggestions } = error as EtlError
  return [error instanceof EtlError, error.message, code, exit, suggestions]
}

/** The word that stands for NULL is drawn. */
function withoutChance(open: OpenCsv): OpenCsv {
  const relation = (text: string): string => text.replace(/'null-\w+'/, "'null'")
  const news = open.news && { ...open.news, relation: relation(open.news.relation) }
  return { ...open, relation: relation(open.relation), ...(news ? { news } : {}) }
}

/** What was written for the engine to read. */
async function filesOf(open: OpenCsv): Promise<string[]> {
  const relations = [open.relation, open.news?.relation].join()
  const files = [...relations.matchAll(/'([^']*\/work\/[^']*)'/g)].map(([, file]) => file as string)
  if (open.misfits) files.push(open.misfits.path)
  return await Promise.all(files.map((file) => readFile(file, 'utf8')))
}

test.each([
  ['plain', [HEADER, ...bookings(0, 300)], (open: OpenCsv) => open.plain !== undefined],
  [
    'not plain',
    [HEADER, ...bookings(0, 3), '+3,1,1,2024-02-01,,,1,USD,x'],
    (open: OpenCsv) => open.plain === undefined,
  ],
  ['without a record', [HEADER], (open: OpenCsv) => open.records === 0],
  ['with a record that does not fit', [HEADER, ...bookings(0, 3), '4,"a'], (open: OpenCsv) => open],
  ['with fields too few', [HEADER, ...bookings(0, 3), '4,5,'], (open: OpenCsv) => open.misfits?.count === 1],
  ['with a column twice', [`${HEADER},user_id`, ...bookings(0, 3)], undefined],
  ['not UTF-8', [HEADER, Buffer.from([0xff]).toString('latin1')], undefined],
  ['with a NUL', [HEADER, '\0'], undefined],
  ['empty', [], undefined],
])('a file %s is found as it is without a thread', async (_, lines, holds) => {
  const [here, there] = await bothOf(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'))
  expect(there).toEqual(here)
  if (holds) expect(holds((here as [OpenCsv])[0])).toBeTruthy()
  else expect((here as [boolean])[0]).toBe(true)
})

test('of a file whose blocks are known the new ones are found', async () => {
  const lines = bookings(0, 3000)
  const [first] = await bothOf([HEADER, ...lines, ''].join('\n'))
  lines[1500] = (lines[1500] as string).replace('300.00', '301.00')
  const [here, there] = (await bothOf([HEADER, ...lines, ''].join('\n'), (first as [OpenCsv])[0])) as [
    OpenCsv,
    string[],
  ][]
  expect(there).toEqual(here)
  expect(there?.[0].news?.places.filter((place) => place < 0)).toHaveLength(1)
  expect(there?.[1].at(-1)).toContain('301.00')
  expect(there?.[0].blocks?.hashes).toBeInstanceOf(Buffer)
})

describe('a large file', () => {
  const large = async (): Promise<Awaited<ReturnType<typeof statSource>>> => {
    const path = join(folder, 'bookings.csv')
    await writeFile(path, `${HEADER}\n${`${bookings(0, 1000).join('\n')}\n`.repeat(330)}`)
    return await statSource(path)
  }

  const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

  test('is looked at in a thread, which ends', async () => {
    const source = await large()
    const before = threads()
    const opening = openFile(source, folder, { signal, table })
    expect(threads()).toBeGreaterThan(before)
    expect((await opening).records).toBe(330_000)
    expect(threads()).toBe(before)
  })

  test('that nobody waits for any more is looked at no further', async () => {
    const source = await large()
    const stop = new AbortController()
    const opening = openFile(source, folder, { signal: stop.signal, table })
    stop.abort(new Error('stopped by hand'))
    await expect(opening).rejects.toThrow('stopped by hand')
    await expect(openFile(source, folder, { signal: stop.signal, table })).rejects.toThrow('stopped by hand')
  })
})

test('without a thread that the system gives, it is done without', async () => {
  const refused = class {
    constructor() {
      throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' })
    }
  }
  vi.doMock('node:worker_threads', () => ({ Worker: refused }))
  onTestFinished(() => {
    vi.doUnmock('node:worker_threads')
    vi.resetModules()
  })
  vi.resetModules()
  const { openInThread: open } = await import('../../../../../src/lib/adapters/source/csv/open-in-thread.js')
  const path = join(folder, 'bookings.csv')
  await writeFile(path, [HEADER, ...bookings(0, 3), ''].join('\n'))
  expect((await open(await statSource(path), folder, { signal, table })).records).toBe(3)
})

test('what the system refuses keeps its name', async () => {
  const path = join(folder, 'bookings.csv')
  await writeFile(path, [HEADER, '1,a"b,3,,,,,,x'].join('\n'))
  const source = await statSource(path)
  const gone = join(dirname(path), 'gone')
  const said = (error: NodeJS.ErrnoException): unknown => [error.message, error.code, error.syscall]
  const here = await openCsv(source, gone, { signal, table }).catch(said)
  expect(here).toContain('ENOENT')
  expect(await openInThread(source, gone, { signal, table }).catch(said)).toEqual(here)
})
