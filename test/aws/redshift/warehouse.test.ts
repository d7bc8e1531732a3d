import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { AwsClients } from '../../../src/lib/adapters/aws/clients.js'
import { openRedshift } from '../../../src/lib/adapters/aws/redshift/warehouse.js'
import { warehouseContract } from '../../contract/warehouse.js'
import { type Box, startBox } from '../../emulator/box.js'
import { BOX_PLACE, boxClients, boxSql, fillRedshift } from '../../support/redshift-box.js'
import { smallWarehouse } from '../../support/small-warehouse.js'

const { home } = smallWarehouse()
let box: Box
let clients: AwsClients
let run: (...sqls: string[]) => Promise<void>

beforeAll(async () => {
  box = await startBox()
  clients = boxClients(box)
  run = boxSql(clients)
  await fillRedshift(run, join(home(), 'warehouse.duckdb'))
})
afterAll(async () => {
  await clients[Symbol.asyncDispose]()
  await box[Symbol.asyncDispose]()
})

/** Two million rows: seconds on PostgreSQL. */
const SLOW = `select count(*) as n from curated.dim_dates a cross join curated.dim_dates b
  cross join (select day from curated.dim_dates where day < date '2024-01-11') c
  where extract(day from a.day) + extract(day from b.day) > extract(day from c.day)`

warehouseContract('RedshiftWarehouse', async () => {
  const publish = (runId: string): Promise<void> => run(`update curated.build set run_id = '${runId}'`)
  await publish('r2')
  return { open: (signal) => openRedshift({ clients, ...BOX_PLACE }, signal), publish, slow: SLOW }
})
