import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { DataApi } from '../../src/lib/adapters/aws/redshift/data-api.js'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { redshiftTables } from '../../src/lib/core/release/redshift-tables.js'
import { redshiftText } from '../../src/lib/core/release/redshift-text.js'
import { columnNames, WAREHOUSE_TABLES } from '../../src/lib/core/sql/ddl.js'
import { literal } from '../../src/lib/core/sql/names.js'
import { viewStatement } from '../../src/lib/core/sql/statements.js'
import type { Box } from '../emulator/box.js'

export const BOX_PLACE = { workgroup: 'rental', database: 'dev' }
const ROWS = 500
const BATCH = 40

/** Clients that call a box as its root. */
export function boxClients(box: Box): AwsClients {
  process.env['AWS_ACCESS_KEY_ID'] = box.env['AWS_ACCESS_KEY_ID']
  process.env['AWS_SECRET_ACCESS_KEY'] = box.env['AWS_SECRET_ACCESS_KEY']
  return new AwsClients({ region: box.region, endpoint: box.endpoint })
}

/** Runs statements on the Redshift of a box, whatever they do. */
export function boxSql(clients: AwsClients): (...sqls: string[]) => Promise<void> {
  const api = new DataApi(BOX_PLACE, clients, new AbortController().signal)
  return async (...sqls) => {
    for (let at = 0; at < sqls.length; at += BATCH) await api.run(sqls.slice(at, at + BATCH))
  }
}

/** Makes the warehouse of the release on a box, with the rows of a local one. @param file of the local one */
export async function fillRedshift(run: (...sqls: string[]) => Promise<void>, file: string): Promise<void> {
  const views = (await readSqlFiles('presentation')).map(({ name, text }) => viewStatement(name, text))
  await run(...[...redshiftTables(), ...views].map(redshiftText))
  const local = await Database.open(file, { readOnly: true })
  try {
    for (const { name, columns } of WAREHOUSE_TABLES) await run(...(await inserts(local, name, columnNames(columns))))
  } finally {
    local.close()
  }
}

async function inserts(local: Database, table: string, names: string): Promise<string[]> {
  const texts = names.split(', ').map((name, at) => `cast(${name} as varchar) as c${at}`)
  const rows = await local.all<Record<string, string | null>>(`select ${texts.join(', ')} from ${table}`)
  const tuples = rows.map(
    (row) =>
      `(${texts.map((_, at) => (row[`c${at}`] == null ? 'null' : literal(row[`c${at}`] as string))).join(', ')})`,
  )
  return Array.from({ length: Math.ceil(tuples.length / ROWS) }, (_, at) =>
    redshiftText(`insert into ${table} (${names}) values ${tuples.slice(at * ROWS, (at + 1) * ROWS).join(', ')}`),
  )
}
