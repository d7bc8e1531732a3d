import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { Random } from '../kill/random.js'
import { RELATIONS } from '../naive/index.js'
import { PATIENCE } from '../support/invariants.js'
import { dateOf, Marketplace } from '../support/mysql-history.js'
import { mysqlSource } from '../support/mysql-load.js'
import { mysqlServer } from '../support/mysql-server.js'
import { readAll, readLedger, readRelations, runJobs } from '../support/pipeline.js'
import { temporaryFolder } from '../support/temporary.js'

/** A month where there is time for one: PROPERTY_RUNS=3, as in .ci/run. */
const DAYS = 10 * Number(process.env['PROPERTY_RUNS'] ?? 1)
/** Another one is another month. */
const SEED = Number(process.env['HISTORY_SEED'] ?? 1)
const RAW = Object.fromEntries(
  SOURCE_TABLES.map(({ raw }) => [`raw_data.${raw}`, RELATIONS[`raw_data.${raw}`] as string[]]),
)

const mysql = mysqlServer()

test(
  'a month of changes, deletions, keys used again and late commits: each day raw is the table as it is',
  PATIENCE,
  async () => {
    const folder = await temporaryFolder()
    const home = join(folder, 'home')
    await using marketplace = new Marketplace(mysql.server, new Random(SEED))
    await marketplace.start()
    const moved = { inserted: 0, updated: 0, deleted: 0 }
    let unchanged = 0
    for (let day = 0; day < DAYS; day++) {
      // Curated follows some days later, by all that changed since.
      const whole = day % 3 === 0 || day === DAYS - 1
      const happened = await marketplace.day(day)
      const events = await runJobs({
        home,
        source: mysqlSource(mysql.url),
        asOf: dateOf(day),
        runId: `r${day}`,
        ...(whole ? {} : { to: 'raw' as const }),
      })
      for (const event of events) {
        if (event.type !== 'table_done') continue
        if (event.layer === 'extract') unchanged += event.flow.unchanged
        if (event.layer !== 'raw') continue
        for (const name of Object.keys(moved) as (keyof typeof moved)[]) moved[name] += event.flow[name]
      }
      expect(await readRelations(home, RAW), `day ${day}:\n${happened.join('\n')}`).toEqual(await marketplace.tables())
      if (!whole) continue
      const { ledger } = await readLedger(home)
      expect(ledger.filter(({ status, unexplained }) => status !== 'pass' || unexplained !== 0)).toEqual([])
    }
    // All of it happened, and most days most rows stayed as they were.
    expect(Math.min(moved.inserted, moved.updated, moved.deleted)).toBeGreaterThan(20)
    expect(unchanged).toBeGreaterThan(3 * moved.inserted)
    const again = join(folder, 'again')
    await runJobs({
      home: again,
      source: mysqlSource(mysql.url),
      asOf: dateOf(DAYS - 1),
      runId: 'r1',
      fullRefresh: true,
    })
    const [kept, rebuilt] = [await readAll(home, RELATIONS), await readAll(again, RELATIONS)]
    for (const name of Object.keys(RELATIONS))
      expect({ [name]: kept.found[name] }).toEqual({ [name]: rebuilt.found[name] })
    expect(kept.ledger).toEqual(rebuilt.ledger)
  },
)
