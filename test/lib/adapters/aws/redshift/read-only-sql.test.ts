import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fenced } from '../../../../../src/lib/adapters/aws/redshift/read-only-sql.js'

const thrown = (sql: string): unknown => {
  try {
    return fenced(sql)
  } catch (error) {
    return error
  }
}

const WRITES = [
  'insert into t values (1)',
  'update t set a = 1',
  'delete from t',
  'merge into t using s on t.a = s.a when matched then delete when not matched then insert values (1)',
  'truncate t',
  'drop table t',
  'alter table t add column b int',
  'create table t as select 1 as n',
  'create view v as select 1 as n',
  'grant select on t to public',
  `copy t from 's3://b/k' iam_role 'arn'`,
  `unload ('select 1') to 's3://b/k' iam_role 'arn'`,
  'call p()',
  'set search_path to x',
  'begin',
  'vacuum t',
  'lock t',
  'prepare q as select 1',
  'execute q',
  'declare c cursor for select 1',
  'comment on table t is null',
  'analyze t',
  'cancel 1',
  'do $$ begin end $$',
  '"select" 1',
]

describe('a statement that may write is not sent', () => {
  test.each([
    ...WRITES,
    ...WRITES.map((sql) => `explain ${sql}`),
    ...WRITES.map((sql) => `explain verbose ${sql}`),
    ...WRITES.map((sql) => `select 1; ${sql}`),
    ...WRITES.map((sql) => `;${sql}`),
    'select 1; select 2',
    'select 1 -- \r; drop table t',
    'select a into t from s',
    'with q as (select 1 as a) select a into t from q',
    'with q as (delete from t) select 1',
    'with q as (select 1) insert into t select * from q',
    'with q as (select 1), r as (update t set a = 1) select 1',
    'with q(a) as (select 1) delete from t using q',
    'select * from t for update',
    'explain show tables',
    'explain explain select 1',
    'select pg_terminate_backend(1)',
    'select "pg_cancel_backend" (1)',
    'select pg_catalog.set_config(1)',
    'select PG_SLEEP(1), Set_Config(1)',
  ])('%s', (sql) => expect(thrown(sql)).toMatchObject({ code: 'READ_ONLY_SQL', exit: 'usage' }))
})

describe('a text that could be read in two ways is not sent', () => {
  test.each([
    'select 1 /* a /* b */ c */',
    'select 1 /* not closed',
    `select 'it\\'s'`,
    `select '\\'; drop table t; --'`,
    `select 'not closed`,
    'select "not closed',
    'select $$a$$',
    'select $a$ ; drop table t; $a$',
    'select 1 \0',
  ])('%j', (sql) => expect(thrown(sql)).toMatchObject({ code: 'READ_ONLY_SQL' }))
})

test.each(['select 1) as q; drop table t; --', 'select (1', 'select 1))', ') select (1'])(
  'brackets have their others: %s',
  (sql) => {
    expect(thrown(sql)).toMatchObject({ exit: 'usage' })
  },
)

test.each(['', ' \n', '-- a comment', '/* one */', ';', ' ; ;'])('no SQL is no statement: %j', (sql) => {
  expect(thrown(sql)).toMatchObject({ code: 'USAGE', message: 'no SQL was given' })
})

test.each([
  'select 1',
  'SELECT 1;',
  ' select 1 ; -- done',
  '-- first\nselect 1',
  '/* select into */ select 1',
  `select 'insert into t; drop -- /* $$' as "delete into"`,
  `select 'a\\\\', '\\n', ''''`,
  'select updated, deleted, inserted from raw_data.load_log',
  'with q as (select 1 as n) select * from q',
  '(select 1) union all (select 2)',
  `select substring('abc' from 1 for 2)`,
  'select case when (1 = 1) then 1 end as x',
  'select count(*) from t where call_to_action is null',
  'select "set_config" from t',
  'select größe from t',
])('what reads is explained in brackets first, and sent as it was given: %s', (sql) => {
  const { sqls, before } = fenced(sql)
  expect(sqls).toHaveLength(2)
  expect(sqls[1]).toBe(sql)
  const code = sql.replace(/ *; -- done$|;$/, '').trimEnd()
  expect(sqls[0]?.slice(before)).toMatch(/\n\) as q$/)
  expect(sqls[0]?.slice(before).startsWith(code)).toBe(true)
  expect(sqls[0]?.slice(0, before)).toBe('explain select count(*) as n from (\n')
})

test('what closes a statement stays outside of the brackets', () => {
  expect(fenced('select 1 ; -- done').sqls[0]).toBe('explain select count(*) as n from (\nselect 1 \n) as q')
})

test('a recursion is explained without brackets, and what has no rows to count is sent alone', () => {
  const recursive = 'with recursive q(n) as (select 1 union all select n + 1 from q where n < 3) select n from q'
  expect(fenced(recursive)).toEqual({ sqls: [`explain ${recursive}`, recursive], before: 8 })
  for (const sql of [
    'show tables from schema dev.curated',
    'explain select 1',
    'explain verbose with q as (select 1) select * from q',
  ])
    expect(fenced(sql)).toEqual({ sqls: [sql], before: 0 })
})

test('a long text takes no long time', () => {
  const began = performance.now()
  for (const long of [
    `'${'x'.repeat(90_000)}'`,
    `/*${'*'.repeat(90_000)}*/ 1`,
    `${'('.repeat(40_000)}1${')'.repeat(40_000)}`,
  ])
    expect(fenced(`select ${long}`).sqls).toHaveLength(2)
  expect(thrown(`select '${'\\\\'.repeat(40_000)}`)).toMatchObject({ code: 'READ_ONLY_SQL' })
  expect(performance.now() - began).toBeLessThan(5000)
})

test('whatever stands around it, a statement that writes is refused', () => {
  const blank = fc.constantFrom(' ', '\n', '\t', '-- select\n', '/* select */', '/*;*/', '--\r\n')
  const around = fc.array(blank, { maxLength: 4 }).map((parts) => parts.join(''))
  const cased = fc.constantFrom(...WRITES).chain((sql) => fc.constantFrom(sql, sql.toUpperCase()))
  fc.assert(
    fc.property(
      around,
      cased,
      around,
      fc.constantFrom('', 'select 1;', `select ';' as a;`),
      (before, sql, after, first) => {
        expect(thrown(`${first}${before}${sql}${after}`)).toMatchObject({ code: 'READ_ONLY_SQL' })
      },
    ),
  )
})
