import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { BIN, plainEnvironment } from '../support/cli.js'
import { command, filesWith, fillSmall } from '../support/mysql-commands.js'
import { mysqlSource } from '../support/mysql-load.js'
import { createDatabase, createTable, DATABASE, READER } from '../support/mysql-tables.js'
import { readRelations } from '../support/pipeline.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { workingFolder } from '../support/working-folder.js'

let server: Mariadb
let url = ''
let home = ''

beforeAll(async () => {
  // Nobody may wait a minute for a lock here.
  server = await startMariadb(['--lock-wait-timeout=2'])
  url = await createDatabase(server)
  await fillSmall(server)
  await server.admin(`rename table ${DATABASE}.user_viewing to ${DATABASE}.views`)
})
afterAll(() => server?.[Symbol.asyncDispose]())
beforeEach(async () => {
  home = join(await workingFolder(), 'home')
  await quickViews()
})

/** A table whose reading takes as long as one likes, and no room: its rows are made while they are read. */
async function slowViews(): Promise<void> {
  await server.admin(
    `use ${DATABASE}`,
    `create or replace view user_viewing as select seq as user_id, 1 as apartment_id, '2024-01-01' as viewed_at, repeat('x', 300) as call_to_action
    from seq_1_to_1000000000`,
  )
}

async function quickViews(): Promise<void> {
  await server.admin(`create or replace view ${DATABASE}.user_viewing as select * from ${DATABASE}.views`)
}

const run = (...more: string[]) => command(['run', '--as-of', SMALL_AS_OF, '--source', url, '--home', home, ...more])

/** The connection that reads, once its statement and state are these. */
async function reading(statement: RegExp, state = /./): Promise<string> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(10)) {
    const rows = await server.admin('show full processlist')
    const found = rows.find(
      (row) => row['User'] === READER.user && statement.test(String(row['Info'])) && state.test(String(row['State'])),
    )
    if (found) return String(found['Id'])
  }
  throw new Error(`nobody reads ${statement}`)
}
const VIEWS = /user_id.* from `rental_db`\.`user_viewing`/

/** Every cell of raw, and what the home holds beside the runs' records. */
async function stateOf(): Promise<unknown> {
  const cells = await readRelations(
    home,
    Object.fromEntries(SOURCE_TABLES.map(({ raw, columns }) => [`raw_data.${raw}`, columns.map(({ name }) => name)])),
  )
  const manifests = await filesWith(home, ['"raw_seq"'])
  return { cells, manifests, work: await filesWith(join(home, 'work'), ['PAR1']).catch(() => []) }
}

describe('in the middle of a table', () => {
  const ends: [string, RegExp, (id: string) => Promise<unknown>][] = [
    ['the server dies', /was lost while it was read: /, () => server.crash()],
    ['the connection is killed', /was lost while it was read: /, (id) => server.admin(`kill ${id}`)],
    [
      'the statement is killed',
      /was lost while it was read: Query execution was interrupted/,
      (id) => server.admin(`kill query ${id}`),
    ],
  ]

  test.each(ends)('%s: nothing is half done, and resume goes on', async (what, said, end) => {
    expect(await run()).toMatchObject({ code: 0 })
    const before = await stateOf()
    await server.admin(`update ${DATABASE}.bookings set total_price = total_price + 1`)
    await slowViews()
    const running = run()
    const id = await reading(VIEWS)
    await sleep(200)
    const at = Date.now()
    await end(id)
    const failed = await running
    expect(failed).toMatchObject({ code: 74, stderr: expect.stringMatching(said) })
    expect(failed.stderr).toContain('rental-etl resume')
    expect(Date.now() - at).toBeLessThan(10_000)
    expect(await stateOf()).toEqual(before)
    if (what === 'the server dies') {
      const down = await command(['resume', '--home', home])
      expect(down).toMatchObject({ code: 74, stderr: expect.stringContaining('cannot be reached') })
      await server.start()
    }
    await quickViews()
    expect(await command(['resume', '--home', home])).toMatchObject({ code: 0 })
    expect(await stateOf()).not.toEqual(before)
  })

  test('a column that is missing is told before a table is read', async () => {
    await slowViews()
    await server.admin(`alter table ${DATABASE}.bookings rename column booking_status to status`)
    expect(await run()).toMatchObject({ code: 65, stderr: expect.stringContaining('booking_status') })
    await server.admin(`alter table ${DATABASE}.bookings rename column status to booking_status`)
  })

  test('who gives up while the next table is read does not wait for it', async () => {
    await slowViews()
    await server.admin(
      `rename table ${DATABASE}.apartment_attributes to ${DATABASE}.kept`,
      `create view ${DATABASE}.apartment_attributes as select * from ${DATABASE}.kept`,
    )
    onTestFinished(async () => {
      await server.admin(
        `drop view ${DATABASE}.apartment_attributes`,
        `rename table ${DATABASE}.kept to ${DATABASE}.apartment_attributes`,
      )
    })
    const open = await mysqlSource(url).open(join(home, '..', 'work'), new AbortController().signal)
    const names: string[] = []
    for await (const { table } of open.tables()) {
      names.push(table.name)
      await reading(VIEWS)
      break
    }
    await open.close()
    expect(names).toEqual(['apartment_attributes'])
    await gone()
  })

  test.each([
    ['killed', (id: string) => server.admin(`kill ${id}`)],
    ['lost', () => server.restart()],
  ])('a connection that is %s while nothing is asked of it', async (_, end) => {
    const open = await mysqlSource(url).open(join(home, '..', 'work'), new AbortController().signal)
    const rows = await server.admin('show processlist')
    await end(String(rows.find((row) => row['User'] === READER.user)?.['Id']))
    await sleep(100)
    await expect(open.look(SOURCE_TABLES[0] as (typeof SOURCE_TABLES)[number])).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringContaining('was lost while it was read: '),
    })
    await open.close()
  })

  test('Ctrl-C ends it at once; the password does not stand among its arguments', async () => {
    await slowViews()
    const child = spawn(process.execPath, [BIN, 'run', '--as-of', SMALL_AS_OF, '--source', url, '--home', home], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: plainEnvironment({ MYSQL_PWD: READER.password }),
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    await reading(VIEWS)
    const line = await readFile(`/proc/${child.pid}/cmdline`, 'utf8')
    expect(line).toContain(url)
    const at = Date.now()
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect({ code, said }).toMatchObject({ code: 130 })
    expect(Date.now() - at).toBeLessThan(5000)
    await gone()
    for (const text of [line, said]) expect(text).not.toContain(READER.password)
    expect(await filesWith(home, [READER.password, encodeURIComponent(READER.password)])).toEqual([])
    await quickViews()
    expect(await command(['resume', '@latest', '--home', home])).toMatchObject({ code: 0 })
  })
})

/** The server notices that nobody reads, and the reader's connection ends. */
async function gone(): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20)) {
    const rows = await server.admin('show processlist')
    if (!rows.some((row) => row['User'] === READER.user)) return
  }
  throw new Error('the connection is still there')
}

describe('others at work', () => {
  /** Another connection that holds bookings: whoever reads waits there, with the snapshot already taken. */
  async function locked(): Promise<mysql.Connection> {
    await server.admin(
      `create or replace user 'boss'@'127.0.0.1' identified by 'b'`,
      `grant all on *.* to 'boss'@'127.0.0.1'`,
    )
    const boss = await mysql.createConnection({ host: '127.0.0.1', port: server.port, user: 'boss', password: 'b' })
    onTestFinished(() => boss.destroy())
    await boss.query(`lock tables ${DATABASE}.bookings write`)
    return boss
  }
  const WAITING = [/from `rental_db`\.`bookings`/, /metadata lock/] as const

  test('a lock is waited for, and not all night', async () => {
    const boss = await locked()
    expect(await run()).toMatchObject({
      code: 74,
      stderr: expect.stringContaining('kept the reading waiting for a lock: Lock wait timeout exceeded'),
    })
    await boss.query('unlock tables')
    expect(await command(['resume', '--home', home])).toMatchObject({ code: 0 })
  })

  test('what is committed after the run began is in none of its tables', async () => {
    const counts = async (): Promise<number[]> => {
      const names = ['apartments', 'apartment_attributes', 'bookings', 'user_viewing']
      const cells = await readRelations(
        home,
        Object.fromEntries(names.map((name) => [`raw_data.stg_${name}`, ['_run_id']])),
      )
      return Object.values(cells).map(({ length }) => length)
    }
    expect(await run()).toMatchObject({ code: 0 })
    const before = await counts()
    const boss = await locked()
    const running = run()
    await reading(...WAITING)
    await server.admin(
      `use ${DATABASE}`,
      'set sql_mode = default',
      `insert into apartments select id + 1000, title, source, price, currency, listing_created_on, is_active, last_modified_timestamp from apartments`,
      'insert into apartment_attributes (id, cityname, state) select id + 1000, cityname, state from apartment_attributes',
      'insert into views select user_id, apartment_id + 1000, viewed_at, is_wishlisted, call_to_action from views',
      'delete from apartments where id = 1',
    )
    await boss.query(`insert into ${DATABASE}.bookings (booking_id, user_id, apartment_id) values (1000, 1, 1)`)
    await boss.query('unlock tables')
    expect(await running).toMatchObject({ code: 0 })
    expect(await counts()).toEqual(before)
    // The next one sees it all.
    expect(await run()).toMatchObject({ code: 0 })
    const [apartments = 0, attributes = 0, bookings = 0, views = 0] = before
    expect(await counts()).toEqual([2 * apartments - 1, 2 * attributes, bookings + 1, 2 * views])
  })

  test('a table that is altered between the snapshot and its reading', async () => {
    const boss = await locked()
    const running = run()
    await reading(...WAITING)
    await boss.query(`alter table ${DATABASE}.bookings add column more int, algorithm = copy`)
    await boss.query('unlock tables')
    expect(await running).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('changed a table while it was read: Table definition has changed'),
    })
    expect(await command(['resume', '--home', home])).toMatchObject({ code: 0 })
    await server.admin(
      `drop table ${DATABASE}.bookings`,
      createTable(SOURCE_TABLES[2] as (typeof SOURCE_TABLES)[number]),
    )
  })
})
