import { expect, test } from 'vitest'
import { copyStatements } from '../../../../../src/lib/adapters/aws/audit/lake-copy.js'
import { lakePlan } from '../../../../../src/lib/adapters/aws/audit/lake-plan.js'
import { manifestHash } from '../../../../../src/lib/adapters/files/manifest-hash.js'
import { SOURCE_TABLES } from '../../../../../src/lib/core/model.js'
import type { LakeFile, Manifest, ManifestTable } from '../../../../../src/lib/core/run/manifest.js'
import { type LogRow, loadsOf } from '../../../../../src/lib/core/verify/loads.js'

const path = (kind: string, table: string, run: string): string => `data/${kind}/${table}/run_id=${run}/part-0.parquet`
const file = (kind: string, table: string, run: string): LakeFile => ({
  ...{ path: path(kind, table, run), bytes: 7, rows: 1, sha256: 's', etag: 'e' },
})
const entry = (table: string, run: string, full: boolean): ManifestTable =>
  ({
    ...{ table, source_rows: 1, unchanged: 0, extracted: 1, tombstones: 0, rejected: 1, cleared: 0, full },
    files: [file('raw', table, run)],
    rejected_files: [file('rejected', table, run)],
  }) as unknown as ManifestTable

/** So many loads, of which those at `full` rebuilt all tables, and the lake with all of their files. */
function lake(count: number, full: readonly number[] = [0]) {
  const runs = Array.from({ length: count }, (_, at) => `run-${String(at + 1).padStart(70, '0')}`)
  const manifests = new Map(
    runs.map((run, at) => {
      const tables = SOURCE_TABLES.map(({ name }) => entry(name, run, full.includes(at)))
      return [run, { run_id: run, reconciled: true, tables } as unknown as Manifest]
    }),
  )
  const log = runs.flatMap((run, at) =>
    SOURCE_TABLES.map(
      ({ name }): LogRow => ({
        ...{
          seq: String(at + 1),
          run_id: run,
          table_name: name,
          source_rows: '1',
          source_unchanged: '0',
          rows_in: '2',
        },
        ...{ reconciled: true, full_refresh: full.includes(at), loaded_at: '2026-01-01T00:00:00Z' },
        manifest_hash: manifestHash(manifests.get(run) as Manifest),
      }),
    ),
  )
  const folders = new Map(
    runs.flatMap((run) =>
      SOURCE_TABLES.flatMap(({ name }) =>
        ['raw', 'rejected'].map((kind) => {
          const key = path(kind, name, run)
          return [key.slice(0, key.lastIndexOf('/') + 1), new Map([[key, { bytes: 7, etag: 'e' }]])] as const
        }),
      ),
    ),
  )
  return { runs, folders, loads: loadsOf(log, manifests, manifestHash) }
}
const options = { isPast: () => false, retentionDays: 400 }
const open = ({ checks }: ReturnType<typeof lakePlan>): string[] =>
  checks.filter(({ status }) => status !== 'pass').map(({ name, status }) => `${name} ${status}`)

test('a thousand loads are as many files in a list, and no longer texts: all of them fit in a transaction', () => {
  const plan = lakePlan(lake(1000), options)
  expect(open(plan)).toEqual([])
  expect(plan.copies.map(({ name, files }) => [name, files.length])).toEqual([
    ...SOURCE_TABLES.map(({ name }) => [name, 1000]),
    ['rejects', 4000],
  ])
  const texts = [
    ...plan.copies.flatMap((copy) => copyStatements(copy, 's3://lake/list', 'arn:aws:iam::1:role/copy')),
    ...plan.questions.map(({ sql }) => sql),
  ]
  // With the eight that are asked beside them, and four of rows that were not seen.
  expect(texts.length + 12).toBeLessThanOrEqual(40)
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(20_000)
})

test('what was loaded before the last rebuild is not looked at, but its rejects are', () => {
  const plan = lakePlan(lake(5, [0, 3]), options)
  expect(plan.copies.map(({ files }) => files.length)).toEqual([2, 2, 2, 2, 20])
})

test('of files that the bucket need keep no longer nothing is proved; what is open in quarantine since then is counted', () => {
  const { runs, folders, loads } = lake(3)
  const gone = [runs[0], runs[1]].map((run) => `data/raw/bookings/run_id=${run}/`)
  for (const folder of [...gone, ...gone.map((name) => name.replace('/raw/', '/rejected/'))]) folders.delete(folder)
  const past = lakePlan({ folders, loads }, { ...options, isPast: ({ runId }) => runId !== runs[2] })
  expect(open(past)).toEqual(['lake_files_stg_bookings skip', 'lake_content_stg_bookings skip'])
  expect(past.checks.find(({ name }) => name === 'lake_content_stg_bookings')?.sql).toContain(
    `2 loads, the newest of them ${runs[1]}, are older than the 400 days`,
  )
  expect(past.questions.filter(({ unseen }) => unseen).map(({ name }) => name)).toEqual([
    'quarantine_content_stg_bookings',
  ])
  // As long as they were to be kept, somebody has removed them.
  const removed = lakePlan({ folders, loads }, options)
  expect(open(removed)).toEqual(['lake_files_stg_bookings fail', 'lake_content_stg_bookings skip'])
})
