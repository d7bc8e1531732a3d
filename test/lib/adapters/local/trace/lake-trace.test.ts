import { execFileSync } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LocalTrace } from '../../../../../src/lib/adapters/local/trace/trace.js'
import { CsvSource } from '../../../../../src/lib/adapters/source/csv/csv-source.js'
import { traceKey } from '../../../../../src/lib/core/trace/key.js'
import { runJobs } from '../../../../support/pipeline.js'
import { scratchFolder } from '../../../../support/temporary.js'
import { writeLines } from '../../../../support/trace-home.js'

test('files in the order of loads, whatever the runs are called; one that is no file is not waited for', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const folder = join(scratch.path, 'source')
  const booking = (price: number): string => `1,7,2,2024-02-01,2024-02-05,2024-02-08,${price},USD,confirmed,2`
  for (const [at, runId] of ['r9', 'r10', 'a', 'z'].entries()) {
    await writeLines(folder, { bookings: at === 2 ? [] : [booking(at)] })
    await runJobs({ home, folder, asOf: '2024-03-01', runId, ...(runId === 'z' ? { to: 'extract' } : {}) })
  }
  const lake = join(home, 'data/raw/bookings')
  execFileSync('mkfifo', [join(lake, 'run_id=r10', 'part-7.parquet')])
  await symlink(join(scratch.path, 'nowhere'), join(lake, 'run_id=r9', 'part-8.parquet'))
  await mkdir(join(lake, 'not a run'))
  const trace = new LocalTrace({ home, now: () => new Date(), source: () => new CsvSource(folder) })
  const found = await trace.lake(traceKey('booking', '1'), ['bookings', 'apartments'], new AbortController().signal)
  expect(found.get('apartments')).toEqual({ files: [], gone: [] })
  const { files = [], gone } = found.get('bookings') ?? {}
  expect(gone).toEqual([])
  expect(
    files.map(({ run_id, file, loaded, deleted, row, failure }) => [
      run_id,
      file.slice(-14),
      loaded,
      deleted,
      row?.['total_price'],
      failure,
    ]),
  ).toEqual([
    ['r9', 'part-0.parquet', true, false, '0.00', null],
    ['r9', 'part-8.parquet', true, false, undefined, 'is no file'],
    ['r10', 'part-0.parquet', true, false, '1.00', null],
    ['r10', 'part-7.parquet', true, false, undefined, 'is no file'],
    ['a', 'part-0.parquet', true, true, undefined, null],
    ['z', 'part-0.parquet', false, false, '3.00', null],
  ])
})
