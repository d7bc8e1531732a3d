import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { CURATED_TABLES } from '../../src/lib/core/model.js'
import type { BookmarkChange } from '../../src/lib/core/run/bookmark-change.js'
import { bookmarkScript } from '../../src/lib/core/sql/bookmark-script.js'
import { consistencyQuery } from '../../src/lib/core/sql/consistency.js'
import { curatedQuery } from '../../src/lib/core/sql/content.js'
import { createStatements, migrationStatements } from '../../src/lib/core/sql/ddl.js'
import { curatedStatements, incrementalText } from '../../src/lib/core/sql/statements.js'
import { portableFaults, viewFaults } from '../support/portable-sql.js'

const folders = ['curated', 'presentation', 'checks', 'ledger'] as const
const files = (
  await Promise.all(folders.map(async (folder) => (await readSqlFiles(folder)).map((file) => ({ folder, ...file }))))
).flat()

test.each(files.map(({ folder, name, text }) => [`${folder}/${name}`, text]))(
  'sql/%s keeps to what all three engines take',
  (path = '', text = '') => {
    expect(portableFaults(text)).toEqual([])
    expect(portableFaults(incrementalText(text))).toEqual([])
    expect(text).toMatch(/^-- grain: one row per /m)
    if (path.startsWith('presentation/')) expect(viewFaults(text)).toEqual([])
  },
)

test('the files keep to 120 columns, and leave it to the phrases which status is confirmed', () => {
  const root = fileURLToPath(new URL('../../sql/', import.meta.url))
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.sql'))
  expect(paths.length).toBe(files.length)
  const lines = paths.flatMap((path) =>
    readFileSync(root + path, 'utf8')
      .split('\n')
      .map((line) => `${path}: ${line}`),
  )
  expect(lines.filter((line) => line.replace(/^[^:]*: /, '').length > 120)).toEqual([])
  expect(lines.filter((line) => line.includes(`'confirmed'`))).toEqual([])
})

const CHANGE: BookmarkChange = {
  ...{ seq: 1, kind: 'rewind', of_seq: null, load_seq: 1, changed_at: '2026-05-04T05:06:07.089Z', changed_by: 'u@h' },
  reason: null,
  tables: (['none', 'reset', 'rewind'] as const).map((state) => ({
    table: 'bookings',
    from: { state: 'none', position: '1' },
    to: { state, position: null },
  })),
}

test('so do the statements that are made of the model', () => {
  const curated = files.filter(({ folder, name }) => folder === 'curated' && name !== 'dim_dates')
  const statements = [
    ...createStatements(),
    ...migrationStatements(1),
    ...migrationStatements(2),
    consistencyQuery(),
    ...bookmarkScript(CHANGE).map(({ sql }) => sql),
    ...CURATED_TABLES.map((table) => curatedQuery(table, 'select a from b')),
    ...curated.flatMap(({ name, text }) => [
      ...Object.values(curatedStatements(name, text, 'full')),
      ...Object.values(curatedStatements(name, text, 'incremental')),
    ]),
  ]
  expect(statements.filter((statement) => portableFaults(statement).length > 0)).toEqual([])
})

test.each([
  ['select 1 qualify row_number() over () = 1', 'qualify'],
  ['select * from generate_series(1, 2)', 'generate_series'],
  ['select unnest(a)', 'generate_series'],
  ['with recursive a as (select 1) select 1', 'recursion'],
  ['insert into a select 1 on conflict do nothing', 'on conflict'],
  ['select [1, 2]', 'arrays'],
  ['select a::int', 'double colon'],
  ['select $1', 'bound parameters'],
  ['select a from b where c = ?', 'bound parameters'],
  ['select a from b where c = :as_of', 'bound parameters'],
  ['select count(*) filter (where a)', 'filter'],
  ['truncate table a', 'truncate'],
  ['merge into a.b t using c on t.d = c.d', 'a target alias in merge'],
  ['merge into a.b as t using c on t.d = c.d', 'a target alias in merge'],
  ['select current_date', 'a wall clock'],
  ['select now()', 'a wall clock'],
  ['select nvl(a, 1)', 'functions of one engine'],
  ['select avg(a)', 'doubles and what gives them'],
  ['select round(a, 2)', 'doubles and what gives them'],
  ['select cast(a as double precision)', 'doubles and what gives them'],
  [`select a + interval '1 day'`, 'intervals'],
  ['select * exclude (a) from b', 'exclude or replace'],
  ['select a, count(*) from b group by all', 'group by all'],
  ['select distinct on (a) b from c', 'distinct on'],
  ['select a is not distinct from b', 'distinct from'],
  ['select * from a anti join b on true', 'semi and anti join'],
  ['select a // b', 'integer division'],
  [`select a ilike 'b'`, 'ilike'],
  ['select a from b limit 1', 'limit'],
  ['select 1; select 2', 'several statements'],
  ['select a / b', 'a division with a remainder'],
  ['select (a - mod(a, b)) / c', 'a division with a remainder'],
  ['select (a - mod(a, b)) / b2', 'a division with a remainder'],
  ['select (a - mod(c, b)) / b', 'a division with a remainder'],
  ['select rank() over (partition by a order by b desc)', 'descending order in a window'],
  ['select rank() over (partition by a order by b nulls last)', 'NULLS FIRST or LAST in a window'],
  ['select sum(coalesce(a, 0)) over (order by b)', 'a running aggregate without a frame'],
])('%s is found', (sql, fault) => {
  expect(portableFaults(sql)).toEqual([fault])
})

test.each([
  ['select a from b order by a', 'order by'],
  ['select *, 1 as c from b', 'select *'],
  ['select b.* from b', 'select *'],
  ['with a as (select * from b) select c from a', 'select *'],
])('%s is found in a view', (sql, fault) => {
  expect(viewFaults(sql)).toEqual([fault])
})

test.each([
  'select (a - mod(a, b)) / b',
  'select (2 * a + c - mod(2 * a + c, 2 * c)) / (2 * c)',
  'select rank() over (order by -a), sum(a) over (order by b rows unbounded preceding), lag(a) over (order by b)',
  `select ';?[' -- a / b`,
])('%s is let pass', (sql) => {
  expect(portableFaults(sql)).toEqual([])
})

test.each(['with a as (select b from c) select * from a', 'select count(*) as n, rank() over (order by a) from b'])(
  '%s is let pass in a view',
  (sql) => {
    expect(viewFaults(sql)).toEqual([])
  },
)
