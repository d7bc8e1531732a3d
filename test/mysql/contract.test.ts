import { SOURCE_TABLES, type SourceTableName } from '../../src/lib/core/model.js'
import { type SourceHarness, sourceContract } from '../contract/source.js'
import { mysqlSource } from '../support/mysql-load.js'
import { textTables } from '../support/mysql-rows.js'
import { mysqlServer } from '../support/mysql-server.js'
import { DATABASE } from '../support/mysql-tables.js'
import { sampleRecords } from '../support/sample-rows.js'

const mysql = mysqlServer()

sourceContract('a MySQL database', async (): Promise<SourceHarness> => {
  const tables = Object.fromEntries(
    SOURCE_TABLES.map(({ name, columns }) => {
      const header = columns.map((column) => column.name)
      // NULL and the empty text are one; blanks stay until a text is typed. Rows are put in from the last one.
      const rows = sampleRecords(name, { scale: 0.02, seed: 7, dirt: 0.1 }).filter(
        ({ length }) => length === header.length,
      )
      return [name, { header, rows }]
    }),
  ) as SourceHarness['rows']
  const records = Object.entries(tables).map(([name, { header, rows }]) => [
    name,
    { header, records: rows.toReversed() },
  ])
  await mysql.server.admin(
    ...textTables(Object.fromEntries(records)),
    // What is known of their sizes is as old as this.
    ...SOURCE_TABLES.map(({ name }) => `analyze table ${DATABASE}.${name}`),
  )
  return {
    source: mysqlSource(mysql.url),
    rows: tables,
    snapshot: true,
    change: async (table: SourceTableName) => {
      await mysql.server.admin(`insert into ${DATABASE}.${table} select * from ${DATABASE}.${table} limit 1`)
    },
  }
})
