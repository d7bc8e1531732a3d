import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { CHANGED_KEYS } from '../../src/lib/core/sql/ddl.js'
import { parseRule } from '../../src/lib/core/verify/quality.js'
import { RELATIONS } from '../naive/index.js'
import { asOfDates, writeSource } from '../support/dirty-source.js'
import { GOLDEN_DIRTY, goldenHome } from '../support/golden.js'
import { PATIENCE, tries } from '../support/invariants.js'
import { mutationHistory } from '../support/mutation-history.js'
import { runJobs } from '../support/pipeline.js'
import { build, postgresOf, textsOf } from '../support/postgres.js'
import { scratchFolder, temporaryFolder } from '../support/temporary.js'

const SOURCES = ['sample', ...GOLDEN_DIRTY]

// To start one costs seconds.
let postgres: PGlite | undefined
afterAll(() => postgres?.close())

// Invariant 5: the same source on DuckDB and on PostgreSQL gives the same cells, by the same texts.
test.each(SOURCES)('%s: every cell of curated and the views, every count and bad row is the same', async (name) => {
  const home = name === 'sample' ? await sampleHome() : await goldenHome(name)
  const duckdb = await Database.open(join(home, 'warehouse.duckdb'), { readOnly: true })
  postgres = await postgresOf(duckdb, postgres)
  await expectSame(duckdb, postgres)
  // Every other key is touched, and what was built of it is spoilt: the incremental texts mend exactly that.
  await postgres.exec('insert into curated.changed_listings select id from raw_data.stg_apartments where id % 2 = 0')
  await postgres.exec(
    'insert into curated.changed_bookings select booking_id from raw_data.stg_bookings where booking_id % 2 = 0',
  )
  await postgres.exec('insert into curated.changed_users select user_id from curated.dim_users where user_id % 2 = 0')
  await postgres.exec(
    'insert into curated.changed_views select user_id, apartment_id, viewed_at from raw_data.stg_user_viewing where user_id % 2 = 0',
  )
  await postgres.exec('delete from curated.dim_listings where listing_id % 2 = 0')
  await postgres.exec(`update curated.fact_bookings set currency = '?' where booking_id % 2 = 0`)
  await postgres.exec('update curated.dim_users set view_count = 99 where user_id % 2 = 0')
  await postgres.exec('delete from curated.fact_user_views where user_id % 2 = 0')
  await build(postgres, 'incremental')
  for (const changed of Object.keys(CHANGED_KEYS)) await postgres.exec(`delete from curated.${changed}`)
  await expectSame(duckdb, postgres)
  duckdb.close()
})

test(
  'after any history, what DuckDB brought up to date day by day is what PostgreSQL builds at once',
  async () => {
    await fc.assert(
      fc.asyncProperty(mutationHistory, asOfDates, async (history, asOf) => {
        await using scratch = await scratchFolder()
        const home = join(scratch.path, 'home')
        for (const [day, source] of history.entries()) {
          const folder = join(scratch.path, `day${day}`)
          await writeSource(folder, source)
          await runJobs({ home, folder, asOf: day === history.length - 1 ? asOf : '2024-03-10', runId: `r${day}` })
        }
        const duckdb = await Database.open(join(home, 'warehouse.duckdb'), { readOnly: true })
        postgres = await postgresOf(duckdb, postgres)
        await expectSame(duckdb, postgres)
        duckdb.close()
      }),
      { ...tries(2), endOnFailure: true },
    )
  },
  PATIENCE.timeout,
)

async function sampleHome(): Promise<string> {
  const [home, folder] = [await temporaryFolder(), await temporaryFolder()]
  await writeSample(folder, { scale: 0.01, seed: 5, dirt: 0.1, signal: new AbortController().signal })
  await runJobs({ home, folder, asOf: '2026-06-30', runId: 'r1' })
  return home
}

async function expectSame(duckdb: Database, postgres: PGlite): Promise<void> {
  for (const [name, columns] of Object.entries(RELATIONS)) {
    if (name.startsWith('raw_data.')) continue
    expect({ [name]: await textsOf(postgres, name, columns) }).toEqual({ [name]: await textsOf(duckdb, name, columns) })
  }
  for (const { name, text } of await readSqlFiles('ledger')) {
    const counts = (engine: Database | PGlite) => textsOf(engine, `(${text}\n)`, ['rule', 'n'])
    expect({ [name]: await counts(postgres) }).toEqual({ [name]: await counts(duckdb) })
  }
  for (const { name, text } of await readSqlFiles('checks')) {
    const bad = (engine: Database | PGlite) =>
      textsOf(engine, `(select count(*) as n from (${parseRule(name, text).sql}\n) as bad)`, ['n'])
    expect({ [name]: await bad(postgres) }).toEqual({ [name]: await bad(duckdb) })
  }
}
