import { setTimeout as sleep } from 'node:timers/promises'
import { CancelStatementCommand, GetStatementResultCommand, ListStatementsCommand } from '@aws-sdk/client-redshift-data'
import { beforeAll, describe, expect, test } from 'vitest'
import { sharedBox, Warehouse } from './support.js'

const shared = sharedBox()
let warehouse: Warehouse
beforeAll(() => {
  warehouse = new Warehouse(shared.box)
})

describe('a batch', () => {
  test('is one transaction: nothing of it stays when one statement fails', async () => {
    await warehouse.do('create table one (id int)')
    const failed = await warehouse.run(['insert into one values (1)', 'insert into gone values (1)', 'select 1'])
    expect(failed.Status).toBe('FAILED')
    expect(failed.Error).toMatch(/^ERROR: relation "gone" does not exist/)
    expect(failed.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED'])
    expect(await warehouse.rows('select count(*) from one')).toEqual([[0]])
  })

  test('gives the rows of each statement', async () => {
    const { Id, SubStatements } = await warehouse.do(['select 1 as a', 'create table b (id int)', "select 'x' as b"])
    expect(SubStatements?.map(({ HasResultSet }) => HasResultSet)).toEqual([true, false, true])
    const third = await warehouse.client.send(new GetStatementResultCommand({ Id: `${Id}:3` }))
    expect(third.Records).toEqual([[{ stringValue: 'x' }]])
    await expect(warehouse.client.send(new GetStatementResultCommand({ Id: `${Id}:2` }))).rejects.toThrow(
      /does not have result/,
    )
  })

  test('is committed by TRUNCATE, whatever comes after it', async () => {
    await warehouse.do(['create table t (id int)', 'insert into t values (1)'])
    await warehouse.run(['insert into one values (7)', 'truncate t', 'select 1/0'])
    expect(await warehouse.rows('select (select count(*) from t), (select count(*) from one where id = 7)')).toEqual([
      [0, 1],
    ])
  })

  test('that writes what another one wrote since ends with error 1023', async () => {
    await warehouse.do(['create table s (id int, n int)', 'insert into s values (1, 0)'])
    const slow = await warehouse.start(['select n from s', 'select pg_sleep(0.8)', 'update s set n = n + 1'])
    await sleep(300)
    await warehouse.do('update s set n = n + 10')
    const ended = await warehouse.ended(slow)
    expect(ended).toMatchObject({ Status: 'FAILED', Error: expect.stringMatching(/^ERROR: 1023 .*Serializable/) })
  })
})

describe('limits', () => {
  test.each([
    ['41 statements', Array.from({ length: 41 }, () => 'select 1'), {}, /between 1 and 40/],
    ['no statement', [], {}, /between 1 and 40/],
    ['more than 100 kB', [`select '${'x'.repeat(100_000)}'`], {}, /100 KB/],
    ['neither workgroup nor cluster', ['select 1'], { WorkgroupName: undefined }, /Exactly one/],
    ['both', ['select 1'], { ClusterIdentifier: 'c' }, /Exactly one/],
    ['a parameter that is empty', ['select :a'], { Parameters: [{ name: 'a', value: '' }] }, /cannot be bound/],
    ['a parameter that nothing uses', ['select 1'], { Parameters: [{ name: 'a', value: 'x' }] }, /is not used/],
    ['what the box does not know', ['select 1'], { SessionKeepAliveSeconds: 10 }, /does not know/],
  ])('%s', async (_, sqls, more, message) => {
    await expect(warehouse.start(sqls, more)).rejects.toThrow(message)
  })

  test('40 statements of 100 kB pass', async () => {
    const text = `select 1 /*${'x'.repeat(99_980)}*/`
    expect((await warehouse.do(Array.from({ length: 40 }, () => text))).SubStatements).toHaveLength(40)
  })

  test('a row of more than 64 kB', async () => {
    expect(await warehouse.run("select repeat('x', 65536)")).toMatchObject({ Status: 'FINISHED' })
    expect(await warehouse.run("select repeat('x', 65537)")).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringMatching(/64 KB/),
    })
  })
})

test('values have their types, and columns theirs', async () => {
  const sql = `select true as b, 1::smallint as s, 9007199254740993::bigint as i, 1.5::float8 as f, 12.30::decimal(10, 2) as d,
    '2024-01-31'::date as day, '2024-01-31 10:11:12.5'::timestamp as at, 'x'::varchar as t, null::int as n, '' as empty`
  const { Id } = await warehouse.do(sql)
  const { Records, ColumnMetadata, TotalNumRows } = await warehouse.client.send(new GetStatementResultCommand({ Id }))
  expect(TotalNumRows).toBe(1)
  expect(Records?.[0]?.map((field) => Object.entries(field)[0])).toEqual([
    ['booleanValue', true],
    ['longValue', 1],
    ['longValue', expect.anything()],
    ['doubleValue', 1.5],
    ['stringValue', '12.30'],
    ['stringValue', '2024-01-31'],
    ['stringValue', '2024-01-31 10:11:12.5'],
    ['stringValue', 'x'],
    ['isNull', true],
    ['stringValue', ''],
  ])
  expect(ColumnMetadata?.map(({ name, typeName }) => `${name} ${typeName}`)).toEqual([
    'b bool',
    's int2',
    'i int8',
    'f float8',
    'd numeric',
    'day date',
    'at timestamp',
    't varchar',
    'n int4',
    'empty varchar',
  ])
  expect(ColumnMetadata?.[4]).toMatchObject({ precision: 10, scale: 2 })
})

test('a sum of decimals has 38 digits, and the scale of what was summed', async () => {
  const { Id } = await warehouse.do('select sum(n) as s from (select 1.25::decimal(10, 2) as n) t')
  const { ColumnMetadata } = await warehouse.client.send(new GetStatementResultCommand({ Id }))
  expect(ColumnMetadata?.[0]).toMatchObject({ typeName: 'numeric', precision: 38, scale: 2 })
})

test('a long result comes in pages', async () => {
  const ten = Array.from({ length: 10 }, (_, at) => `select ${at} as n`).join(' union all ')
  const { Id } = await warehouse.do(
    `with d as (${ten}) select a.n * 1000 + b.n * 100 + c.n * 10 + e.n as n from d a, d b, d c, d e where a.n < 3 order by 1`,
  )
  const seen: unknown[] = []
  let pages = 0
  for (let NextToken: string | undefined; pages === 0 || NextToken; pages += 1) {
    const page = await warehouse.client.send(new GetStatementResultCommand({ Id, NextToken }))
    seen.push(...(page.Records ?? []).map((row) => row[0]?.longValue))
    NextToken = page.NextToken
  }
  expect(pages).toBe(3)
  expect(seen).toEqual(Array.from({ length: 3000 }, (_, at) => at))
})

test('a submit with the same ClientToken runs once', async () => {
  await warehouse.do('create table once (id int)')
  const more = { ClientToken: 'run-1-raw' }
  const ids = [
    await warehouse.start('insert into once values (1)', more),
    await warehouse.start('insert into once values (1)', more),
  ]
  await warehouse.ended(ids[0] as string)
  expect(ids[1]).toBe(ids[0])
  expect(await warehouse.rows('select count(*) from once')).toEqual([[1]])
  expect(await warehouse.start('select 1', { ClientToken: 'run-2-raw' })).not.toBe(ids[0])
})

test('a statement is cancelled while it runs, and not after', async () => {
  const id = await warehouse.start('select pg_sleep(60)')
  await sleep(300)
  expect(await warehouse.client.send(new CancelStatementCommand({ Id: id }))).toMatchObject({ Status: true })
  expect(await warehouse.ended(id)).toMatchObject({ Status: 'ABORTED' })
  await expect(warehouse.client.send(new CancelStatementCommand({ Id: id }))).rejects.toThrow(/already in ABORTED/)
})

test('statements are listed by name, and by status', async () => {
  const id = await warehouse.start('select 1', { StatementName: 'listed-1' })
  await warehouse.ended(id)
  const ask = async (more: object): Promise<unknown[]> => {
    const { Statements } = await warehouse.client.send(new ListStatementsCommand({ StatementName: 'listed', ...more }))
    return (Statements ?? []).map((one) => [one.Id, one.Status])
  }
  expect(await ask({})).toEqual([[id, 'FINISHED']])
  expect(await ask({ Status: 'FAILED' })).toEqual([])
})

test('parameters are values, and no text of a statement', async () => {
  const Parameters = [
    { name: 'text', value: "it's \\N :day" },
    { name: 'day', value: '2024-02-29' },
  ]
  const sql = "select :text as t, cast(:day as date) + 1 as d, ':text' as literal, '1'::int as n"
  expect(await warehouse.rows(sql, { Parameters })).toEqual([["it's \\N :day", '2024-03-01', ':text', 1]])
})

describe('the dialect', () => {
  test('a backslash escapes in a literal', async () => {
    expect(await warehouse.rows("select '\\N', 'it\\'s', chr(92) || 'N', length('\\\\')")).toEqual([
      ['N', "it's", '\\N', 1],
    ])
  })

  test('keys are believed and not enforced, but for NULL', async () => {
    await warehouse.do([
      `create table keyed (id int primary key, code varchar(9) unique, other int references one (id), distkey(id)) sortkey (id)`.replace(
        ', distkey(id)',
        '',
      ),
      "insert into keyed values (1, 'a', 5), (1, 'a', 6)",
      'create table pair (a int encode az64, b int, primary key (a, b)) diststyle key distkey (a) compound sortkey (a, b)',
      'insert into pair values (1, 1), (1, 1)',
    ])
    expect(await warehouse.rows('select count(*) from keyed')).toEqual([[2]])
    expect(await warehouse.run('insert into keyed (code) values (null)')).toMatchObject({ Status: 'FAILED' })
    expect(await warehouse.run('insert into pair values (1, null)')).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringMatching(/Cannot insert a NULL value/),
    })
  })

  test('VARCHAR(n) counts bytes, and has 256 by itself', async () => {
    await warehouse.do('create table lengths (v varchar(4), w varchar, m varchar(max))')
    await warehouse.do(`insert into lengths values ('éé', '${'x'.repeat(256)}', '${'x'.repeat(65535)}')`)
    for (const values of [
      "'ééa', null, null",
      `null, '${'x'.repeat(257)}', null`,
      `null, null, '${'x'.repeat(65536)}'`,
    ])
      expect(await warehouse.run(`insert into lengths values (${values})`)).toMatchObject({
        Status: 'FAILED',
        Error: 'ERROR: Value too long for character type',
      })
    expect(
      await warehouse.rows(
        "select column_name, data_type from svv_redshift_columns where table_name = 'lengths' order by ordinal_position",
      ),
    ).toEqual([
      ['v', 'character varying(4)'],
      ['w', 'character varying(256)'],
      ['m', 'character varying(65535)'],
    ])
  })

  test('a column that is added, or made longer, counts bytes as well', async () => {
    await warehouse.do(['create table grown (id int)', 'alter table grown add column "v" varchar(2) encode lzo'])
    await warehouse.do("insert into grown values (1, 'é')")
    const long = "insert into grown values (1, 'éé')"
    expect(await warehouse.run(long)).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringMatching(/Value too long/),
    })
    await warehouse.do('alter table grown alter column "v" type varchar(4)')
    await warehouse.do(long)
  })

  test('functions that PostgreSQL lacks, and the average of whole numbers', async () => {
    expect(
      await warehouse.rows(
        `select dateadd(day, 1, '2024-02-28'::timestamp)::date, datediff(month, '2024-01-31'::timestamp, '2024-02-01'::timestamp),
        nvl(null, 2), len('abc'), strtol('ff', 16), avg(x), last_day('2024-02-01'::timestamp) from (select 1 as x union all select 2) t`,
      ),
    ).toEqual([['2024-02-29', 1, 2, 3, 255, 1, '2024-02-29']])
  })

  test.each([
    'select 1 where 1 is distinct from 2',
    'select count(*) filter (where true)',
    'insert into one values (1) on conflict do nothing',
    'insert into one values (1) returning id',
    'select * from generate_series(1, 3)',
    'select * from (values (1)) v',
    'select row_number() over (order by 1 desc nulls last) as r',
  ])('refuses %s', async (sql) => {
    expect(await warehouse.run(sql)).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringMatching(/not supported|leader node|no table/),
    })
  })

  test('MERGE, and its refusal of two rows for one', async () => {
    await warehouse.do([
      'create table target (id int, n int)',
      'create table source (id int, n int)',
      'insert into target values (1, 1)',
      'insert into source values (1, 10), (2, 20)',
      'merge into target using source on target.id = source.id when matched then update set n = source.n when not matched then insert values (source.id, source.n)',
    ])
    expect(await warehouse.rows('select id, n from target order by 1')).toEqual([
      [1, 10],
      [2, 20],
    ])
    await warehouse.do('insert into source values (1, 11)')
    const again = await warehouse.run(
      'merge into target using source on target.id = source.id when matched then update set n = source.n when not matched then insert values (source.id, source.n)',
    )
    expect(again.Error).toBe('ERROR: Found multiple matches to update the same tuple.')
  })
})
