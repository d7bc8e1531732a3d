// The same steps as a full run, as one would write them by hand in the engine: no check, no hash, no ledger.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const [folder, home] = process.argv.slice(2)
const sql = (kind) =>
  readdirSync(join('sql', kind)).map((file) => [file.slice(0, -4), readFileSync(join('sql', kind, file), 'utf8')])
const { SOURCE_TABLES } = await import('../../dist/lib/core/model.js')

rmSync(join(home, 'hand.duckdb'), { force: true })
const instance = await DuckDBInstance.create(join(home, 'hand.duckdb'))
const db = await instance.connect()
for (const schema of ['raw_data', 'curated', 'presentation']) await db.run(`create schema ${schema}`)
for (const { name, raw, columns } of SOURCE_TABLES) {
  const types = columns.map((column) => `'${column.name}': '${column.type}'`).join(', ')
  const file = join(home, `${raw}.parquet`)
  const csv = `read_csv('${join(folder, `${name}.csv`)}', header = true, columns = {${types}})`
  await db.run(`copy (select * from ${csv}) to '${file}' (format parquet)`)
  await db.run(`create table raw_data.${raw} as select * from '${file}'`)
}
await db.run(`create table curated.build as select 'hand' as run_id, date '2025-03-24' as as_of, 1 as raw_seq`)
const tables = Object.fromEntries(sql('curated'))
for (const name of ['dim_listings', 'fact_bookings', 'fact_user_views', 'dim_users', 'dim_dates']) {
  await db.run(`create table curated.${name} as ${tables[name]}`)
}
for (const [name, text] of sql('presentation')) await db.run(`create view presentation.${name} as ${text}`)
await db.run('checkpoint')
db.closeSync()
instance.closeSync()
