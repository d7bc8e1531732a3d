import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openLocalWarehouse } from '../../../../../src/lib/adapters/local/warehouse/warehouse.js'
import type { Cell } from '../../../../../src/lib/ports/warehouse.js'
import { smallWarehouse } from '../../../../support/small-warehouse.js'

const { home } = smallWarehouse()

async function read(sql: string, signal?: AbortSignal): Promise<{ columns: string[]; rows: Cell[][] }> {
  await using warehouse = await openLocalWarehouse(home(), signal)
  const { columns, chunks } = await warehouse.query(sql)
  const rows: Cell[][] = []
  for await (const chunk of chunks) rows.push(...chunk)
  return { columns: columns.map(({ name, type }) => `${name} ${type}`), rows }
}

describe('what reads is answered', () => {
  test.each([
    ["select 1 as a, 'x' as b", ['a INTEGER', 'b VARCHAR'], [[1, 'x']]],
    ['select 1 as a; -- and a comment', ['a INTEGER'], [[1]]],
    ['select 1e400 > 1 as a', ['a BOOLEAN'], [[true]]],
    [`select '{"function_name":"checkpoint"}' as t`, ['t VARCHAR'], [['{"function_name":"checkpoint"}']]],
    [
      "select timestamptz '2024-01-01 10:00:00.5+02' as a, timestamp '2024-01-01 10:00:00' as b, timestamp '-infinity' as c",
      ['a TIMESTAMP WITH TIME ZONE', 'b TIMESTAMP', 'c TIMESTAMP'],
      [['2024-01-01T08:00:00.5Z', '2024-01-01T10:00:00Z', '-infinity']],
    ],
    ['values (1)', ['col0 INTEGER'], [[1]]],
    ['with t as (select 2 as b) select * from t', ['b INTEGER'], [[2]]],
    ['from curated.build select run_id', ['run_id VARCHAR'], [['r2']]],
    ["select 'drop table x; checkpoint()' as t", ['t VARCHAR'], [['drop table x; checkpoint()']]],
    ['select count(*) as n from raw_data.stg_bookings', ['n BIGINT'], [['7']]],
    ["from query_table('curated.build') select raw_seq", ['raw_seq BIGINT'], [['2']]],
  ])('%s', async (sql, columns, rows) => {
    expect(await read(sql)).toEqual({ columns, rows })
  })

  test.each([
    'describe curated.build',
    'show all tables',
    'summarize curated.build',
    'show tables',
    'describe fact_bookings',
    'explain select 1',
    'explain (select 1)',
    'explain (format json) select 1',
    'explain (analyze, format json) select 1',
    '/* why */ explain analyze select 1',
    '/* /* nested */ explain */ -- one\n explain/**/analyze/**/select 1 -- two',
  ])('%s', async (sql) => {
    expect((await read(sql)).rows.length).toBeGreaterThan(0)
  })
})

describe('what has an effect, or reads files, is refused, and nothing is changed', () => {
  const digest = (): string =>
    createHash('sha256')
      .update(readFileSync(join(home(), 'warehouse.duckdb')))
      .digest('hex')
  const out = (): string => join(home(), 'out')

  test.each([
    "insert into curated.build values ('x', null, 1)",
    'update curated.build set raw_seq = 0',
    'delete from curated.build',
    'drop table curated.build',
    'create table t as select 1',
    'create temp table t as select 1',
    'create or replace view presentation.vw_avg_booking_duration as select 1',
    'create macro f() as 1',
    'alter table curated.build add column x int',
    "comment on table curated.build is 'x'",
    "attach 'OUT' as other",
    'detach warehouse',
    'install httpfs',
    'load httpfs',
    'set threads = 1',
    'reset threads',
    'set variable x = 1',
    'use memory',
    'begin',
    'vacuum',
    'checkpoint',
    'pragma version',
    "pragma table_info('curated.build')",
    'pragma enable_profiling',
    'call pragma_version()',
    'call enable_logging()',
    'prepare p as select 1',
    // An EXPLAIN that comments would hide from the one or from the other.
    'explain analyze /* select 1 */ select * from enable_logging()',
    '/* /* */ explain select 1 -- */ explain analyze select * from enable_logging()',
    '-- explain select 1\nexplain analyze select * from enable_logging()',
    'explain /* /* */ select 1 */ select * from enable_logging()',
    'explain (format json) (select * from enable_logging())',
    "copy curated.build to 'OUT'",
    "copy (select 1) to 'OUT'",
    "copy curated.build from 'OUT'",
    "export database 'OUT'",
    "import database 'OUT'",
    "explain analyze copy (select 1) to 'OUT'",
    'explain analyze create temp table q as select 1',
    'explain analyze delete from curated.build',
    "explain analyze select * from enable_logging('QueryLog', storage := 'file', storage_config := {'path': 'OUT'})",
    "select * from enable_logging('QueryLog', storage := 'file', storage_config := {'path': 'OUT'})",
    'select * from "Enable_Logging"()',
    "select * from query('select * from enable_' || 'logging()')",
    'with x as (select * from checkpoint()) select 1',
    'select (select count(*) from force_checkpoint())',
    'select * from enable_profiling()',
    'select * from truncate_duckdb_logs()',
    "select write_log('x')",
    'pivot curated.build on run_id using count(*)',
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_parquet('OUT.parquet')",
    "select * from read_json('OUT.json')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from '/etc/passwd.csv'",
    "select * from 'OUT.parquet'",
    "select * from 'https://example.com/x.parquet'",
    "select * from parquet_metadata('OUT')",
    'select * from duckdb_secrets()',
    'select 1; select 2',
    'select 1; drop table curated.build',
  ])('%s', async (sql) => {
    const before = digest()
    await expect(read(sql.replaceAll('OUT', out()))).rejects.toMatchObject({ code: 'READ_ONLY_SQL', exit: 'usage' })
    expect([digest(), existsSync(out())]).toEqual([before, false])
  })

  test('the settings cannot be opened again', async () => {
    await expect(read('set enable_external_access = true')).rejects.toMatchObject({ code: 'READ_ONLY_SQL' })
    expect(
      (await read(`select current_setting('enable_external_access') as a, current_setting('lock_configuration') as b`))
        .rows,
    ).toEqual([[false, true]])
  })

  test('a refusal names what it refuses', async () => {
    const message = async (sql: string): Promise<string> => read(sql).then(String, (error: Error) => error.message)
    expect(await message('delete from curated.build')).toBe('query only reads: a DELETE statement is refused')
    expect(await message('select * from checkpoint()')).toBe('query only reads: the function checkpoint is refused')
    expect(await message('select 1; select 2')).toBe('2 statements were given; query takes one')
    expect(await message('pragma version')).toBe(
      'query only reads: it takes one SELECT, and a PRAGMA or a PIVOT without IN is none',
    )
  })
})

describe('wrong SQL is told with the line and the nearest name', () => {
  test.each([
    [
      'select *\nfrom curated.fact_booking',
      'Catalog Error: Table with name fact_booking does not exist!\nDid you mean "fact_bookings"?\nLINE 2: from curated.fact_booking\n             ^',
    ],
    ['explain analyze explain select 1', expect.stringMatching(/^Parser Error: syntax error at or near "explain"/)],
    ["explain analyze (copy (select 1) to 'x')", expect.stringMatching(/^Parser Error: syntax error/)],
    ['selec 1', 'Parser Error: syntax error at or near "selec"\nLINE 1: selec 1\n        ^'],
    [
      'select cast(run_id as integer) as x from curated.build',
      expect.stringMatching(/^Conversion Error: Could not convert string 'r2' to INT32/),
    ],
    [
      "select getenv('HOME')",
      expect.stringMatching(/^Catalog Error: Scalar Function with name getenv does not exist!/),
    ],
    [
      'select st_point(1, 2)',
      'Catalog Error: Scalar Function with name "st_point" is not in the catalog, but it exists in the spatial extension.',
    ],
  ])('%s', async (sql, message) => {
    await expect(read(sql)).rejects.toMatchObject({
      code: 'SQL_ERROR',
      exit: 'usage',
      message,
      suggestions: ['rental-etl tables   # relations and their columns'],
    })
  })

  test.each(['', '   ', '-- only a comment', ';'])('no statement: "%s"', async (sql) => {
    await expect(read(sql)).rejects.toMatchObject({ code: 'USAGE', exit: 'usage', message: 'no SQL was given' })
  })
})

test('relations are found without their schema, as tables and export find them', async () => {
  expect((await read('from fact_bookings select count(*) as n')).rows).toEqual([['5']])
  expect((await read('select count(*) as n from vw_top_listings_weekly')).rows).toEqual([['4']])
  expect((await read('from stg_bookings select count(*) as n')).rows).toEqual([['7']])
  const names = (await read('show tables')).rows.map(([name]) => name)
  const all = (await read(`select table_name from information_schema.tables where table_schema <> 'main' order by 1`))
    .rows
  expect(names).toEqual(all.map(([name]) => name))
  expect(names).toContain('dim_listings')
  // Otherwise one would be found and the other not.
  expect(new Set(names).size).toBe(names.length)
})

describe('SQL on which the parser would work for hours is refused', () => {
  test.each([
    ['nested comments', '/*'.repeat(100_000) + '*/'.repeat(100_000)],
    ['comments that stay open', '/*'.repeat(100_000)],
    ['comments before explain', `${'/* */ '.repeat(40_000)} explain select 1`],
    ['very long SQL', `select 1${' union all select 1'.repeat(60_000)}`],
    ['a NUL', "select 'a\0b'"],
  ])('%s', async (_, sql) => {
    await expect(read(sql)).rejects.toMatchObject({ code: 'USAGE', exit: 'usage' })
  })

  test('up to the limits it is read, in a time by its length', async () => {
    const comments = `${'/*'.repeat(1_000)}${' */'.repeat(1_000)} explain select 1`
    expect((await read(comments)).rows.length).toBeGreaterThan(0)
    expect((await read(`${'-- x\n'.repeat(50_000)}select 1 as a`)).rows).toEqual([[1]])
    expect((await read(`select '${'x'.repeat(262_000)}' as a`)).rows[0]?.[0]).toHaveLength(262_000)
    await expect(read('select 1;'.repeat(29_000))).rejects.toMatchObject({
      code: 'READ_ONLY_SQL',
      message: '29000 statements were given; query takes one',
    })
  })
})

test('an abort interrupts a statement that would go on for hours', async () => {
  const abort = new AbortController()
  const reading = read('select count(*) from range(1000000000) a, range(1000000000) b', abort.signal)
  setImmediate(() => setImmediate(() => abort.abort(new Error('stopped'))))
  await expect(reading).rejects.toThrow('stopped')
})
