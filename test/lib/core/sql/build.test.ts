import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { BUILD_QUERY, type Build, UNBUILT, whyNotCurrent } from '../../../../src/lib/core/sql/build.js'
import { emptyWarehouse } from '../../../support/memory-database.js'

test('curated is not built, then built, then behind raw', async () => {
  const db = await emptyWarehouse()
  const build = async () => (await db.all<Build>(BUILD_QUERY))[0]
  expect(await build()).toBeUndefined()
  expect(whyNotCurrent(undefined)).toBe(UNBUILT)
  await db.run(`insert into raw_data.load_log (seq) values (4)`)
  await db.run(`insert into curated.build values ('r-1', date '2026-05-03', 4)`)
  const first = await build()
  expect(first).toEqual({ run_id: 'r-1', as_of: '2026-05-03', behind: false })
  expect(whyNotCurrent(first)).toBeUndefined()
  await db.run(`insert into raw_data.load_log (seq) values (5)`)
  expect(whyNotCurrent(await build())).toBe('raw is ahead of curated, a run stopped between: rental-etl resume')
})

/** Who asks more than that of curated.build, or less where the tables may be of another version. */
const OTHERS = [
  'core/sql/build.ts',
  'core/sql/consistency.ts',
  'core/sql/curated-script.ts',
  'adapters/local/warehouse/structure.ts',
  // Whether a run came between two trips.
  'adapters/aws/redshift/trips.ts',
]

test('nobody else asks it in words of their own', () => {
  const root = fileURLToPath(new URL('../../../../src/lib/', import.meta.url))
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path))
  const asking = paths.filter((path) => /from curated\.build|was not built/.test(readFileSync(root + path, 'utf8')))
  expect(asking.sort()).toEqual([...OTHERS].sort())
})
