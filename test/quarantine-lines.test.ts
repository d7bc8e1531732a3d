import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LocalSourceCheck } from '../src/lib/adapters/local/source-check.js'
import { CsvSource } from '../src/lib/adapters/source/csv/csv-source.js'
import { trim } from './naive/csv.js'
import { dirtySource, writeSource } from './support/dirty-source.js'
import { naiveLines } from './support/naive-lines.js'
import { readRelations, runJobs } from './support/pipeline.js'
import { scratchFolder } from './support/temporary.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1)
const COLUMNS = ['table_name', 'row_text', 'occurrence']

test('of each bad row of a dirty source the line is told where a naive count finds it', {
  timeout: 130_000 * RUNS,
}, async () => {
  let told = 0
  await fc.assert(
    fc.asyncProperty(dirtySource, async (source) => {
      await using scratch = await scratchFolder()
      const folder = join(scratch.path, 'source')
      const home = join(scratch.path, 'home')
      await writeSource(folder, source)
      await runJobs({ home, folder, asOf: '2024-06-15', runId: 'r1', to: 'raw' })
      const check = new LocalSourceCheck({ home, now: () => new Date(), source: () => new CsvSource(folder) })
      const { 'raw_data.quarantine': rows = [] } = await readRelations(home, { 'raw_data.quarantine': COLUMNS })
      const taken = new Set<string>()
      for (const [table, text, occurrence] of rows as [string, string, string][]) {
        const fields = JSON.parse(text) as Record<string, string> | string[]
        const wanted = { table, fields, occurrence: Number(occurrence) }
        const place = await check.lineOf(wanted, new AbortController().signal)
        const [header, ...records] = naiveLines(await readFile(join(folder, `${table}.csv`), 'utf8'))
        const found = records.find(({ line }) => line === place?.line)?.fields
        const named = Array.isArray(fields) ? fields : header?.fields.map((name) => fields[trim(name)])
        expect(found).toEqual(named)
        taken.add(`${place?.file}:${place?.line}`)
      }
      // Each row has a line of its own.
      expect(taken.size).toBe(rows.length)
      told += rows.length
    }),
    { numRuns: 7 * RUNS, interruptAfterTimeLimit: 100_000 * RUNS, markInterruptAsFailure: false },
  )
  expect(told).toBeGreaterThan(15)
})
