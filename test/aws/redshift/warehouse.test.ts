import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AwsClients } from '../../../src/lib/adapters/aws/clients.js'
import { DataApi } from '../../../src/lib/adapters/aws/redshift/data-api.js'
import { fenced } from '../../../src/lib/adapters/aws/redshift/read-only-sql.js'
import { openRedshift } from '../../../src/lib/adapters/aws/redshift/warehouse.js'
import { readSqlFiles } from '../../../src/lib/adapters/files/sql-files.js'
import { openLocalWarehouse } from '../../../src/lib/adapters/local/warehouse/warehouse.js'
import { METRICS } from '../../../src/lib/core/metrics/metrics.js'
import { grantStatements } from '../../../src/lib/core/release/redshift-tables.js'
import { BUILD_QUERY, type Build } from '../../../src/lib/core/sql/build.js'
import { parseRule } from '../../../src/lib/core/verify/quality.js'
import type { Row, Warehouse } from '../../../src/lib/ports/warehouse.js'
import { bookmarkBook } from '../../../src/lib/use-cases/bookmarks.js'
import { exportRelation } from '../../../src/lib/use-cases/export.js'
import { ledgerState } from '../../../src/lib/use-cases/ledger-state.js'
import { currentBuild, readMetric } from '../../../src/lib/use-cases/metric.js'
import { listQuarantine, quarantineSummary, showQuarantined } from '../../../src/lib/use-cases/quarantine.js'
import { ask } from '../../../src/lib/use-cases/question.js'
import { listTables, relationColumns } from '../../../src/lib/use-cases/tables.js'
import { warehouseContract } from '../../contract/warehouse.js'
import { type Box, startBox } from '../../emulator/box.js'
import { credentials } from '../../emulator/setup.js'
import { readAll } from '../../support/read-all.js'
import { BOX_PLACE, boxClients, boxSql, fillRedshift } from '../../support/redshift-box.js'
import { smallWarehouse } from '../../support/small-warehouse.js'
import { temporaryFolder } from '../../support/temporary.js'

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

const publish = (runId: string): Promise<void> => run(`update curated.build set run_id = '${runId}'`)
const opened = (secret?: string): Promise<Warehouse> => openRedshift({ clients, ...BOX_PLACE, secret })

/** Two million rows: seconds on PostgreSQL. */
const SLOW = `select count(*) as n from curated.dim_dates a cross join curated.dim_dates b
  cross join (select day from curated.dim_dates where day < date '2024-01-11') c
  where extract(day from a.day) + extract(day from b.day) > extract(day from c.day)`

warehouseContract('RedshiftWarehouse', async () => {
  await publish('r2')
  return { open: (signal) => openRedshift({ clients, ...BOX_PLACE }, signal), publish, slow: SLOW }
})

test('a sum has the type that Redshift gives it', async () => {
  await using warehouse = await opened()
  const sums =
    'select sum(cast(1.5 as decimal(12, 2))) as money, sum(cast(1 as bigint)) as big, sum(1) as small, count(*) as n'
  expect((await warehouse.stream(sums)).columns.map(({ type }) => type)).toEqual([
    'DECIMAL(38,2)',
    ...Array(3).fill('BIGINT'),
  ])
})

describe('what the use cases ask gives what it gives of a local home', () => {
  /** What `work` gives of both. */
  async function both<Result>(work: (warehouse: Warehouse) => Promise<Result>): Promise<[aws: Result, local: Result]> {
    await publish('r2')
    await using aws = await opened()
    await using local = await openLocalWarehouse(home())
    return [await work(aws), await work(local)]
  }
  const textsOf = async (folder: Parameters<typeof readSqlFiles>[0]): Promise<Record<string, string>> =>
    Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text]))

  test('metrics', async () => {
    const [aws, local] = await both(async (warehouse) => {
      const build = await currentBuild(warehouse)
      const found: unknown[] = [build]
      for (const metric of METRICS) {
        const { columns, chunks, footer } = await readMetric(warehouse, metric, { all: true }, build)
        found.push([columns, await readAll({ columns, chunks }), footer])
      }
      return found
    })
    expect(aws).toEqual(local)
  })

  test('the ledger and the checks of verify', async () => {
    const [ledger, checks] = [await textsOf('ledger'), await textsOf('checks')]
    const rules = Object.entries(checks).map(([name, text]) => [name, parseRule(name, text).sql])
    const [aws, local] = await both(async (warehouse) => {
      const { builds } = await warehouse.read<{ builds: Build }>({ builds: BUILD_QUERY })
      return [
        await ask(warehouse, ledgerState(ledger, builds[0])),
        await warehouse.read<Record<string, Row>>(Object.fromEntries(rules)),
      ]
    })
    expect(aws).toEqual(local)
  })

  test('bookmarks, and the quarantine', async () => {
    const [aws, local] = await both(async (warehouse) => [
      await bookmarkBook(warehouse),
      await quarantineSummary(warehouse, { table: undefined, all: true }),
      await readAll(await listQuarantine(warehouse, { all: true })),
      await showQuarantined(warehouse, '1'),
    ])
    expect(aws).toEqual(local)
  })

  test('tables and their columns, but for those that COPY fills', async () => {
    const [aws, local] = await both(async (warehouse) => {
      const tables = (await listTables(warehouse)).filter(
        ([schema, name]) => !`${schema}.${name}`.startsWith('raw_data.load_') || name === 'load_log',
      )
      const columns: unknown[] = []
      for (const [schema, name] of tables) columns.push(await relationColumns(warehouse, `${schema}.${name}`))
      return { tables, columns }
    })
    expect(aws).toEqual(local)
  })

  test.each(['csv', 'jsonl'])('exports as %s', async (format) => {
    const folder = await temporaryFolder()
    let n = 0
    const [aws, local] = await both(async (warehouse) => {
      const texts: string[] = []
      for (const relation of [
        'raw_data.stg_bookings',
        'raw_data.stg_apartments',
        'presentation.vw_avg_listing_price_weekly',
      ]) {
        const file = join(folder, `${n++}.${format}`)
        await exportRelation(warehouse, relation, file)
        const lines = (await readFile(file, 'utf8')).split('\n')
        // A table has no order.
        texts.push((relation.startsWith('raw') ? lines.toSorted() : lines).join('\n'))
      }
      return texts
    })
    expect(aws).toEqual(local)
  })

  test('more statements than a transaction takes', async () => {
    const sqls = Object.fromEntries(
      Array.from({ length: 90 }, (_, at) => [`s${at}`, `select ${at} as n, run_id from curated.build`]),
    )
    const [aws, local] = await both((warehouse) => warehouse.read<Record<string, Row>>(sqls))
    expect(aws).toEqual(local)
  })
})

describe('a user who only has rights to read', () => {
  let secret = ''
  beforeAll(async () => {
    const manager = new SecretsManagerClient({
      region: box.region,
      endpoint: box.endpoint,
      credentials: credentials(box),
    })
    const SecretString = JSON.stringify({ username: 'analyst', password: 'unused' })
    secret = (await manager.send(new CreateSecretCommand({ Name: 'analyst', SecretString }))).ARN as string
    manager.destroy()
    await run('create role analysts')
  })

  test('is told what to have granted, by what the database says of him', async () => {
    const error = await opened(secret).catch((error) => error)
    expect(error).toMatchObject({ code: 'ACCESS', exit: 'access' })
    expect(error.message).toContain('the user analyst of the database may not read schema raw_data')
    expect(error.suggestions[0]).toContain('grant usage on schema raw_data to "analyst";')
  })

  test('reads metrics with the rights of a reader, and nothing of raw', async () => {
    await publish('r2')
    await run(...grantStatements({ readers: ['analysts'] }), 'grant role analysts to "analyst"')
    await using warehouse = await opened(secret)
    const build = await currentBuild(warehouse)
    for (const metric of METRICS) await readMetric(warehouse, metric, { all: true }, build)
    const denied = { code: 'ACCESS', message: expect.stringContaining('raw_data.stg_bookings') }
    await expect(warehouse.query('select * from raw_data.stg_bookings')).rejects.toMatchObject(denied)
    await expect(warehouse.stream('select * from raw_data.stg_bookings')).rejects.toMatchObject(denied)
    const tables = await warehouse.relations()
    expect(tables.find(({ name }) => name === 'build')).toMatchObject({
      columns: expect.arrayContaining([{ name: 'as_of', type: 'DATE' }]),
    })
    // What the check of the text would let pass, the database refuses.
    const api = new DataApi({ ...BOX_PLACE, secret }, clients, new AbortController().signal)
    await expect(api.run(['delete from curated.build'])).rejects.toThrow(/permission denied/)
  })
})

describe('if the check of a text were fooled', () => {
  const BAD = [
    'drop table curated.build',
    'delete from curated.build',
    'create table curated.t as select 1 as n',
    'set search_path to x',
    'commit',
  ]

  test.each(BAD)('the fence would end the transaction before: %s', async (sql) => {
    await publish('r2')
    const [fence = ''] = fenced('select 1').sqls
    const api = new DataApi(BOX_PLACE, clients, new AbortController().signal)
    await expect(api.run([fence.replace('select 1', sql), sql])).rejects.toMatchObject({ at: 0 })
    await using warehouse = await opened()
    expect(await warehouse.read({ build: 'select run_id from curated.build' })).toEqual({ build: [{ run_id: 'r2' }] })
  })

  test('what reads passes it, in all its forms', async () => {
    await using warehouse = await opened()
    const rows = async (sql: string): Promise<unknown> => (await readAll(await warehouse.query(sql))).rows
    expect(await rows('select 1 as a, 2 as a; -- done')).toEqual([[1, 2]])
    expect(await rows('with q as (select 1 as n) select n from q order by n desc limit 1')).toEqual([[1]])
    expect(
      await rows('with recursive q(n) as (select 1 union all select n + 1 from q where n < 3) select n from q'),
    ).toEqual([[1], [2], [3]])
    expect(await rows('(select 1) union all (select 2) order by 1 desc')).toEqual([[2], [1]])
    expect(await rows(`select 'a;b' as "insert into" -- it's fine`)).toEqual([['a;b']])
    expect(await rows('explain select * from curated.build')).not.toEqual([])
  })
})

describe('when the service has its moods', () => {
  afterEach(() => box.clearFaults())

  test('what lost against a writer is run once more, and told when it loses again', async () => {
    await publish('r2')
    await using warehouse = await opened()
    const read = () => warehouse.read({ build: 'select run_id from curated.build' })
    await box.faults({ statement: { error: 'serialization' } })
    expect(await read()).toEqual({ build: [{ run_id: 'r2' }] })
    await box.faults({ statement: { error: 'serialization' } })
    await box.faults({ statement: { error: 'serialization' } })
    await expect(read()).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('1023') })
  })

  test('calls that are throttled come through', async () => {
    await using warehouse = await opened()
    const actions = ['ExecuteStatement', 'DescribeStatement', 'GetStatementResult']
    await box.faults({ throttle: Object.fromEntries(actions.map((action) => [`redshift-data:${action}`, 2])) })
    expect((await readAll(await warehouse.stream('select 1 as n'))).rows).toEqual([[1]])
  })

  test('a row that is too large for the service is told as that', async () => {
    await using warehouse = await opened()
    const large = `select repeat('x', 60000) as a, repeat('y', 60000) as b`
    await expect(warehouse.query(large)).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringContaining('64 kB'),
    })
  })

  test('keys that are over are told before anything is read', async () => {
    await using warehouse = await opened()
    await box.faults({ expired: [box.env['AWS_ACCESS_KEY_ID'] as string] })
    await expect(warehouse.relations()).rejects.toMatchObject({ code: 'ACCESS' })
  })
})
