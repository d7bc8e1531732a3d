import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { mysqlSource } from '../support/mysql-load.js'
import { createDatabase, createTable, DATABASE, READER } from '../support/mysql-tables.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'
import { expected, told } from './compare-extract.js'
import { type Day, type DayOptions, sourceDay } from './local-day.js'
import { jdbcJar, python } from './python.js'
import { writeRelease } from './release-file.js'

let server: Mariadb
let scratch: Scratch
let url = ''

/** Whatever the session of whoever fills the tables has, and with values that a strict one refuses. */
const SESSION = ['set names utf8mb4', `set time_zone = '+00:00'`, `set sql_mode = ''`, 'set sql_select_limit = default']

const booking = (id: string, day: string, price: string, guests: string): string =>
  `(${id}, 1, 00042, ${day}, '2024-02-03 10:11:12', '2024-02-04', ${price}, 'EUR', 'confirmed', null, ${guests})`

/** Types that nobody asked for, and values at their ends. */
const ODD = [
  `create table ${DATABASE}.apartments (id bigint unsigned primary key, title varchar(9), source blob, price decimal(40,10), currency varchar(9),
    Listing_Created_On datetime(6), is_active tinyint(1), last_modified_timestamp timestamp(6) null, shape point, picture longblob)`,
  `insert into ${DATABASE}.apartments values
    (1, 'ä\\\\N"', 'bytes é', 12345678.90, 'EUR', '2024-03-31 02:30:00.123456', 1, '2024-03-31 02:30:00.000001', point(1, 2), x'ff00'),
    (2, ' a ', '', 99999999.9949999999, 'EUR', '2024-10-27 02:30:00', 0, '2024-10-27 01:30:00', null, null),
    (9223372036854775807, null, null, 0.0049999999, 'EUR', '2024-01-01', 1, null, null, null),
    (18446744073709551615, null, null, 1, 'EUR', '2024-01-01', 1, null, null, null),
    (20, 'x\\n\\u0007', null, 99999999.9950000000, 'EUR', '2024-01-01', 1, null, null, null),
    (21, '', null, 1, 'EUR', '0000-00-00 00:00:00', 1, null, point(3, 4), x'fe'),
    (24, 'tab\\t', null, 1, 'EUR', '2024-01-01', 2, '0000-00-00 00:00:00', null, null),
    (27, null, null, null, null, null, null, null, null, null)`,
  `create table ${DATABASE}.bookings (booking_id int unsigned primary key, user_id double, apartment_id int(9) zerofill, booking_date datetime,
    checkin_date timestamp null, checkout_date date, total_price double, currency char(3), booking_status enum('confirmed', 'new'),
    payment_status set('a', 'b'), num_guests float)`,
  `insert into ${DATABASE}.bookings values ${[
    booking('4294967295', `'2024-02-29 23:59:59'`, '1e-20', '3'),
    booking('2', `'2024-12-31'`, '1.5e6', '2.5'),
    booking('3', `'2024-12-31'`, '-12345.675', '1e9'),
    booking('4', `'0000-00-00'`, '1', 'null'),
    booking('5', `'2024-12-31'`, '1.7976931348623157e308', '1'),
    booking('6', `'2024-12-31'`, '0.1', '4e9'),
    booking('7', `'2024-12-31'`, '-1.25e16', '-0.0000001'),
  ].join(', ')}`,
  `create table ${DATABASE}.user_viewing (user_id bigint, apartment_id bigint, viewed_at timestamp, is_wishlisted bit(1), call_to_action year)`,
  `insert into ${DATABASE}.user_viewing values (1, 1, '2024-03-31 02:30:00', b'1', 2024), (1, 1, '2024-03-31 02:30:00', b'0', 1999),
    (null, 1, '2024-03-31 03:30:00', b'0', 0), (1, 2, '0000-00-00 00:00:00', null, null), (2, 2, '2024-03-31 03:30:00', null, null)`,
  `create table ${DATABASE}.apartment_attributes (id bigint primary key, cityname text character set latin1, state bit(8), bathrooms float,
    bedrooms decimal(3,2), latitude double, longitude decimal(20,15), square_feet mediumint unsigned, fee bigint unsigned, body json, category time)`,
  `insert into ${DATABASE}.apartment_attributes values
    (1, 'Zürich', b'11111111', 1.25, 2.05, 59.9138688, 10.752245400000001, 16777215, 18446744073709551615, '{"a": "é"}', '25:00:00'),
    (2, 'Oslo', b'0', 0.1, null, 1.5e-17, -0.0000005, 0, 99999999, null, null),
    (3, 'Oslo', b'0', 1e30, 9.99, 1e3, 1000, 1, 0, null, '-00:00:01')`,
]

interface Case {
  folder: string
  arguments: string[]
}

const argumentsOf = (day: Day, ...more: string[]): string[] => [
  ...['--request', JSON.stringify(day.request), '--bucket', 'b', '--release', 'release.json'],
  ...['--source_url', `jdbc:mysql://127.0.0.1:${server.port}/${DATABASE}`, '--secret', 'reader', ...more],
]

/** Runs the job on each, in one Spark. */
async function extracts(cases: readonly Case[]): Promise<void> {
  for (const { folder } of cases) {
    await mkdir(folder, { recursive: true })
    await writeRelease(join(folder, 'release.json'))
  }
  const secrets = {
    reader: { username: READER.user, password: READER.password },
    wrong: { username: READER.user, password: 'wrong-1' },
    none: [],
  }
  const file = join(scratch.path, `cases.json`)
  await writeFile(file, JSON.stringify({ jars: await jdbcJar(), cases, secrets }))
  await python('mysql_case.py', [file])
}

const remade = (...statements: string[]): Promise<unknown> =>
  server.admin(
    ...SESSION,
    ...SOURCE_TABLES.map(({ name }) => `drop table if exists ${DATABASE}.${name}`),
    ...statements,
  )

async function day(name: string, options: Partial<DayOptions> = {}): Promise<Day> {
  const folder = join(scratch.path, name)
  return sourceDay(join(scratch.path, 'home'), folder, mysqlSource(url), { runId: name, ...options })
}

const lastEvent = async (folder: string) =>
  JSON.parse((await readFile(join(folder, 'events.jsonl'), 'utf8')).trimEnd().split('\n').at(-1) ?? '')

beforeAll(async () => {
  scratch = await scratchFolder()
  // Nothing of it may show: neither the zones of server and client, nor the letters that the server would speak.
  server = await startMariadb([
    '--default-time-zone=+05:00',
    '--character-set-server=latin1',
    '--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT',
  ])
  url = await createDatabase(server)
  await server.admin('set global sql_select_limit = 1')
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await scratch?.[Symbol.asyncDispose]()
})

describe('a real server', { timeout: 290_000 }, () => {
  test('gives by JDBC what it gives the local job, whatever types its columns have, and again beyond the bookmarks', async () => {
    await remade(...ODD)
    const first = await day('r-first')
    const second = await day('r-second', { reconcile: false })
    await extracts([
      { folder: first.folder, arguments: argumentsOf(first) },
      { folder: second.folder, arguments: argumentsOf(second, '--job-bookmark-option', 'job-bookmark-enable') },
    ])
    for (const one of [first, second]) {
      const { events, ...found } = await told(one)
      const { events: localEvents, ...local } = await expected(one)
      expect(found).toEqual(local)
      expect(events).toEqual(expect.arrayContaining(localEvents as unknown[]))
    }
    expect(first.manifest.tables.map(({ rejected }) => rejected)).not.toContain(undefined)
    const bookmarks = JSON.parse(await readFile(join(second.folder, 'bookmarks.json'), 'utf8'))
    expect(bookmarks).toMatchObject({
      commits: 1,
      asked: SOURCE_TABLES.map(({ name, bookmark }) => ({
        ctx: name,
        type: 'mysql',
        jobBookmarkKeys: [bookmark.column],
        jobBookmarkKeysSortOrder: 'asc',
      })),
    })
    expect(JSON.parse(await readFile(join(first.folder, 'bookmarks.json'), 'utf8'))).toEqual({ asked: [], commits: 0 })
  })

  test('what cannot be read is told, and nothing is written', async () => {
    await remade(...SOURCE_TABLES.map((table) => createTable(table)))
    const home = await day('r-empty')
    const change: Record<string, string[]> = {
      bytes: [
        'alter table d_bytes.apartments modify title blob',
        `insert into d_bytes.apartments (id, title) values (1, x'61ff')`,
      ],
      nul: [`insert into d_nul.apartments (id, title) values (1, concat('a', char(0)))`],
      lacks: ['alter table d_lacks.bookings drop column currency, drop column user_id'],
      gone: ['drop table d_gone.user_viewing'],
    }
    for (const [name, statements] of Object.entries(change)) {
      const copies = SOURCE_TABLES.map((table) => `create table d_${name}.${table.name} like ${DATABASE}.${table.name}`)
      const grant = `grant select on d_${name}.* to '${READER.user}'@'127.0.0.1'`
      await server.admin(...SESSION, `create database d_${name}`, ...copies, grant, ...statements)
    }
    const other: Record<string, string[]> = {
      denied: ['--secret', 'wrong'],
      secret: ['--secret', 'none'],
      unreachable: ['--source_url', 'jdbc:mysql://127.0.0.1:1/rental_db'],
      url: ['--source_url', 'jdbc:mysql://u:p4ss@127.0.0.1/rental_db'],
      query: ['--source_url', 'jdbc:mysql://127.0.0.1/rental_db?useSSL=true&password=p4ss'],
    }
    const base = `jdbc:mysql://127.0.0.1:${server.port}`
    const args = {
      ...Object.fromEntries(Object.keys(change).map((name) => [name, ['--source_url', `${base}/d_${name}`]])),
      ...other,
    }
    const list = Object.entries(args).map(([name, more]) => ({
      name,
      folder: join(scratch.path, name),
      arguments: argumentsOf(home, ...more),
    }))
    for (const { folder } of list) {
      await mkdir(join(folder, 'glue/temp/r-empty'), { recursive: true })
      await writeFile(
        join(folder, 'glue/temp/r-empty/state.json'),
        await readFile(join(home.folder, 'glue/temp/r-empty/state.json')),
      )
    }
    await extracts(list)
    const found: Record<string, object> = {}
    for (const { name, folder } of list) {
      const { code, message } = await lastEvent(folder)
      found[name] = { code, message }
      await expect(readFile(join(folder, 'runs/r-empty/manifest.json'))).rejects.toThrow('ENOENT')
    }
    const place = `mysql://127.0.0.1:${server.port}`
    expect(found).toEqual({
      bytes: {
        code: 'SOURCE_CONTENT',
        message: 'd_bytes.apartments: a text of column title holds bytes that are no UTF-8',
      },
      nul: { code: 'SOURCE_CONTENT', message: 'd_nul.apartments: a text of column title holds a NUL character' },
      lacks: {
        code: 'SOURCE_SCHEMA',
        message:
          'd_lacks.bookings lacks the required columns user_id, currency; its header is: booking_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, booking_status, payment_status, num_guests',
      },
      gone: {
        code: 'SOURCE_SCHEMA',
        message: `${place}/d_gone lacks the table user_viewing, or does not show it to the user of the job`,
      },
      denied: {
        code: 'ACCESS',
        message: `${place}/${DATABASE} denies access: Access denied for user 'etl' at 'localhost' (with a password)`,
      },
      secret: { code: 'ACCESS', message: 'the secret of the source is no JSON object with username and password' },
      unreachable: {
        code: 'IO',
        message: expect.stringMatching(
          /^mysql:\/\/127.0.0.1:1\/rental_db cannot be reached, or was lost while it was read: Communications link failure/,
        ),
      },
      url: {
        code: 'USAGE',
        message: '--source_url takes jdbc:mysql://HOST[:PORT]/DATABASE, without user and password',
      },
      query: {
        code: 'USAGE',
        message: '--source_url takes jdbc:mysql://HOST[:PORT]/DATABASE, without user and password',
      },
    })
  })
})
