import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import type { Jobs } from '../../../../../src/lib/adapters/local/workflow/job.js'
import type { OpenSource, OpenTable, Source } from '../../../../../src/lib/adapters/source/source.js'
import { newRequest } from '../../../../../src/lib/core/run/request.js'
import { bookings, HEADERS } from '../../../../support/bookings-days.js'
import { temporaryFolder } from '../../../../support/temporary.js'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})

/** A folder of files whose reading fails behind the bookings. */
class Broken implements Source {
  constructor(private readonly whole: Source) {}

  async open(work: string, signal: AbortSignal): Promise<OpenSource> {
    const source = await this.whole.open(work, signal)
    async function* tables(): AsyncGenerator<OpenTable> {
      for await (const table of source.tables()) {
        yield table
        if (table.table.name === 'bookings') throw new Error('the last table is broken')
      }
    }
    return {
      bytes: source.bytes,
      tables: tables as OpenSource['tables'],
      open: (table) => source.open(table),
      look: (table) => source.look(table),
      close: () => source.close(),
    }
  }
}

/** The jobs, with lists of blocks that take their time. */
async function slowJobs(home: string): Promise<Jobs> {
  const module = '../../../../../src/lib/adapters/local/jobs/block-list.js'
  vi.doMock(module, async (original) => {
    const real = await original<typeof import('../../../../../src/lib/adapters/local/jobs/block-list.js')>()
    const writeBlocks: typeof real.writeBlocks = (...args) => sleep(200).then(() => real.writeBlocks(...args))
    return { ...real, writeBlocks }
  })
  vi.resetModules()
  onTestFinished(() => {
    vi.doUnmock(module)
    vi.resetModules()
  })
  const { createJobs } = await import('../../../../../src/lib/adapters/local/jobs/index.js')
  const { CsvSource } = await import('../../../../../src/lib/adapters/source/csv/csv-source.js')
  return createJobs({ home, now: () => new Date(), source: () => new Broken(new CsvSource(folder)) })
}

test('a fault is told as it is while the list of the table before is written, and nothing is left', async () => {
  for (const [name, header] of Object.entries(HEADERS)) await writeFile(join(folder, `${name}.csv`), `${header}\n`)
  await writeFile(join(folder, 'bookings.csv'), [HEADERS.bookings, ...bookings(0, 500), ''].join('\n'))
  const paths = homePaths(join(folder, 'home'))
  const jobs = await slowJobs(paths.home)
  const context = { emit: () => undefined, signal: new AbortController().signal }
  const request = newRequest({ run_id: 'r1', as_of: '2025-03-24' })
  await expect(jobs.extract_raw(request, context)).rejects.toThrow('the last table is broken')
  await sleep(500)
  expect(await readdir(paths.work)).toEqual([])
})
