import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { RELATIONS } from '../naive/index.js'
import { asOfDates, writeSource } from '../support/dirty-source.js'
import { expectNaive } from '../support/expect-naive.js'
import { expectInvariants, PATIENCE, tries } from '../support/invariants.js'
import { mutationHistory } from '../support/mutation-history.js'
import { mysqlSource } from '../support/mysql-load.js'
import { asTables, fillTyped, textTables } from '../support/mysql-rows.js'
import { mysqlServer } from '../support/mysql-server.js'
import { createDatabase } from '../support/mysql-tables.js'
import { readAll, runJobs } from '../support/pipeline.js'
import { scratchFolder, temporaryFolder } from '../support/temporary.js'

const mysql = mysqlServer()

test(
  'any history of dirty tables of texts gives each day what one full refresh by other means gives',
  PATIENCE,
  async () => {
    await fc.assert(
      fc.asyncProperty(mutationHistory, asOfDates, async (history, asOf) => {
        await using scratch = await scratchFolder()
        const home = join(scratch.path, 'home')
        for (const [day, dirty] of history.entries()) {
          const source = asTables(dirty)
          const folder = join(scratch.path, `day${day}`)
          await writeSource(folder, source)
          await mysql.server.admin(...textTables(source))
          await runJobs({ home, source: mysqlSource(mysql.url), asOf, runId: `r${day}` })
          await expectInvariants(home, await expectNaive(home, folder, asOf, 'mysql'))
        }
      }),
      tries(1),
    )
  },
)

test('the sample in typed tables is the sample in CSV files, cell by cell', async () => {
  const folder = await temporaryFolder()
  const csv = join(folder, 'csv')
  await writeSample(csv, { scale: 0.05, dirt: 0 })
  await createDatabase(mysql.server)
  await fillTyped(mysql.server, (name) => readFile(join(csv, `${name}.csv`), 'utf8'))
  const asOf = '2026-06-30'
  await runJobs({ home: join(folder, 'a'), folder: csv, asOf, runId: 'r1' })
  await runJobs({ home: join(folder, 'b'), source: mysqlSource(mysql.url), asOf, runId: 'r1' })
  const [a, b] = [await readAll(join(folder, 'a'), RELATIONS), await readAll(join(folder, 'b'), RELATIONS)]
  expect(a.found['presentation.vw_top_listings_weekly']?.length).toBeGreaterThan(100)
  for (const name of Object.keys(RELATIONS)) expect({ [name]: b.found[name] }).toEqual({ [name]: a.found[name] })
  expect(b.ledger).toEqual(a.ledger)
})
