import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import mysql2 from 'mysql2'
import { beforeEach, expect, test } from 'vitest'
import { surveyDatabase } from '../../src/lib/adapters/source/mysql/mysql-survey.js'
import { parseMysqlUrl } from '../../src/lib/core/config/mysql-url.js'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { RELATIONS } from '../naive/index.js'
import { foreignRows, modelRows, writeForeign } from '../support/foreign-source.js'
import { command, filesWith } from '../support/mysql-commands.js'
import { inserts } from '../support/mysql-rows.js'
import { mysqlServer } from '../support/mysql-server.js'
import { DATABASE, READER } from '../support/mysql-tables.js'
import { readRelations } from '../support/pipeline.js'
import { temporaryFolder } from '../support/temporary.js'
import { workingFolder } from '../support/working-folder.js'

const mysql = mysqlServer()
const ASKED = { scale: 0.02, seed: 3, dirt: 0 }

/** Columns that are no texts. */
const TYPES: Readonly<Record<string, string>> = {
  listing_id: 'bigint',
  reservation_no: 'bigint primary key',
  'guest id': 'bigint',
  end: 'date',
  event_time: 'int unsigned',
  sqft: 'int',
  lat: 'decimal(9,6)',
  facilities: 'varbinary(2000)',
}

beforeEach(async () => {
  await mysql.server.admin(`drop database if exists ${DATABASE}`, `create database ${DATABASE}`)
})

/** Fills the database with foreign tables. */
async function fillForeign(): Promise<void> {
  for (const [name, { header, records }] of Object.entries(foreignRows(modelRows(ASKED)))) {
    const columns = header.map((column) => `\`${column}\` ${TYPES[column] ?? 'longtext'}`)
    await mysql.server.admin(
      `create table ${DATABASE}.${name} (${columns.join(', ')}) character set utf8mb4`,
      ...inserts(
        name,
        header,
        records.map((record) => record.map((text) => (text === '' ? 'null' : mysql2.escape(text)))),
      ),
    )
  }
  await mysql.server.admin(
    `create table ${DATABASE}.users (id int, city text, state text, address text, lat double, lng double, face blob)`,
    `insert into ${DATABASE}.users values (1, 'x', 'y', 'z', 1e-7, 2, x'ff00')`,
    // One that is there, and that nobody can read.
    `create definer = 'nobody'@'%' view ${DATABASE}.listings_view as select id from ${DATABASE}.users`,
  )
}

test('a database of other names and forms gives, as it is mapped, the warehouse of files with the model’s own', async () => {
  const [folder, other] = [await workingFolder(), await temporaryFolder()]
  await fillForeign()
  const { plain } = await writeForeign(other, ASKED)
  const guessed = await command(['init', '--guess', '--source', mysql.url])
  expect([guessed.code, guessed.said.includes(READER.password)]).toEqual([0, false])
  expect(guessed.stderr).toContain('warning: not looked at: listings_view: ')
  const text = await readFile(join(folder, 'rental-etl.yml'), 'utf8')
  expect(text).toContain('total_price: "replace(')
  expect((await command(['doctor', '--fail-on', 'error'])).code).toBe(0)
  expect((await command(['run', '--as-of', '2026-06-30'])).code).toBe(0)
  const home = join(other, 'home')
  await workingFolder()
  expect((await command(['run', '--as-of', '2026-06-30', '--source', `csv:${plain}`, '--home', home])).code).toBe(0)
  for (const [name, columns] of Object.entries(RELATIONS)) {
    const [found, own] = [join(folder, '.rental-etl'), home].map((one) => readRelations(one, { [name]: columns }))
    expect(await found).toEqual(await own)
  }
})

test('a password of the environment is used, and written nowhere', async () => {
  const folder = await workingFolder()
  await fillForeign()
  const source = mysql.url.replace(READER.user, `${READER.user}:${encodeURIComponent(READER.password)}`)
  const { code, said } = await command(['init', '--guess', '--json'], {
    password: null,
    env: { RENTAL_ETL_SOURCE: source },
  })
  expect([code, said.includes(READER.password)]).toEqual([0, false])
  expect(await filesWith(folder, [READER.password, encodeURIComponent(READER.password)])).toEqual([])
  expect(await readFile(join(folder, 'rental-etl.yml'), 'utf8')).toContain(`source: ${mysql.url}`)
})

test('a wrong password, no database, and no tables end it, and nothing is written', async () => {
  const folder = await workingFolder()
  const guess = (url: string, password = READER.password) => command(['init', '--guess', '--source', url], { password })
  expect((await guess(mysql.url, 'wrong')).code).toBe(77)
  expect((await guess(mysql.url)).code).toBe(65)
  expect([66, 77]).toContain((await guess(mysql.url.replace(DATABASE, 'nonesuch'))).code)
  await expect(readFile(join(folder, 'rental-etl.yml'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('types say what a column of an empty table cannot be, and values are texts as they are', async () => {
  await mysql.server.admin(
    `create table ${DATABASE}.t (n decimal(20,4), b bit(3), f double, d datetime(3), y blob, s text, g point)`,
    `insert into ${DATABASE}.t values (12345678901234.5, 5, 1e-7, '2024-01-02 03:04:05.678', x'c3a9', repeat('é', 500), point(1, 2)), (null, null, null, null, x'ff', null, null)`,
  )
  const { tables, anyCase } = await surveyDatabase(
    parseMysqlUrl(mysql.url),
    READER.password,
    new AbortController().signal,
  )
  expect(anyCase).toBe(true)
  expect(tables[0]?.columns).toEqual([
    { name: 'n', type: 'decimal', values: ['12345678901234.5000', ''] },
    { name: 'b', type: 'bit', values: ['5', ''] },
    { name: 'f', type: 'double', values: ['0.0000001', ''] },
    { name: 'd', type: 'datetime', values: ['2024-01-02 03:04:05.678', ''] },
    { name: 'y', type: 'blob', values: ['é', '�'] },
    { name: 's', type: 'text', values: ['é'.repeat(100), ''] },
    { name: 'g', type: 'point', values: ['POINT(1 2)', ''] },
  ])
  await mysql.server.admin(
    `drop table ${DATABASE}.t`,
    ...SOURCE_TABLES.map(({ name }) => `create table ${DATABASE}.${name}_2024 (ID int, user_id int, created_at int)`),
  )
  await workingFolder()
  const { stdout } = await command(['init', '--guess', '--source', mysql.url, '--json'])
  const { guesses } = JSON.parse(stdout).result as { guesses: { column: string; from: string }[] }
  expect(guesses.filter(({ from }) => from === 'created_at')).toEqual([])
})
