import { PGlite } from '@electric-sql/pglite'
import { describe, expect, test } from 'vitest'
import { readSqlFiles } from '../../../../src/lib/adapters/files/sql-files.js'
import { SOURCE_TABLES } from '../../../../src/lib/core/model.js'
import { grantStatements } from '../../../../src/lib/core/release/redshift-tables.js'
import { redshiftText } from '../../../../src/lib/core/release/redshift-text.js'
import { releaseOf } from '../../../../src/lib/core/release/release.js'
import { consistencyQuery } from '../../../../src/lib/core/sql/consistency.js'
import { loadScript } from '../../../../src/lib/core/sql/load-script.js'
import { MOST_STATEMENTS, redshiftFaults } from '../../../support/redshift-faults.js'

const texts = async (folder: string) =>
  Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text]))
const [curated, ledger, presentation, checks] = await Promise.all(
  ['curated', 'ledger', 'presentation', 'checks'].map(texts),
)
const release = releaseOf({ curated: curated ?? {}, ledger: ledger ?? {}, presentation: presentation ?? {} })

/** Every statement of a release, and those that the tool sends beside it, by where it stands. */
const statements: [string, string][] = [
  ...release.make.flat().map((sql): [string, string] => [`make: ${sql.slice(0, 60)}`, sql]),
  ...release.load.map(({ name, sql }): [string, string] => [`load: ${name}`, sql]),
  ...Object.entries(release.curated).flatMap(([mode, steps]) =>
    steps.map(({ name, sql }): [string, string] => [`curated ${mode}: ${name}`, sql]),
  ),
  ['build state', release.build_state],
  ['snapshot', release.snapshot.state],
  ['consistency', redshiftText(consistencyQuery())],
  ...Object.entries(checks ?? {}).map(([name, sql]): [string, string] => [`check ${name}`, redshiftText(sql)]),
  ...grantStatements({ loader: 'loader', readers: ['analysts'] }).map((sql): [string, string] => [sql, sql]),
]

test('no statement has what Redshift refuses or reads otherwise', () => {
  expect(statements.length).toBeGreaterThan(200)
  expect(statements.flatMap(([name, sql]) => redshiftFaults(sql).map((fault) => `${name}: ${fault}`))).toEqual([])
})

test('every transaction leaves room below the statements that one may have', () => {
  const modes = Object.fromEntries(SOURCE_TABLES.map(({ name }) => [name, 'changes'])) as Parameters<
    typeof loadScript
  >[0]['modes']
  const sizes = [
    loadScript({ modes, rejects: true }).length,
    ...Object.values(release.curated).map((steps) => steps.length),
    ...release.make.map((statements) => statements.length),
  ]
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MOST_STATEMENTS - 4)
})

test('the document says all that a job needs, and asks for what a run brings alone', () => {
  expect(JSON.parse(JSON.stringify(release))).toEqual(release)
  const places = new Set([...JSON.stringify(release).matchAll(/\{\{([\w.]+)\}\}/g)].map(([, name]) => name))
  const own = SOURCE_TABLES.flatMap(({ name }) => ['source_rows', 'unchanged', 'full'].map((key) => `${name}.${key}`))
  const runs = ['seq', 'previous_seq', 'run_id', 'as_of', 'manifest_hash', 'reconciled', 'loaded_at', 'bookmark_seq']
  expect([...places].sort()).toEqual([...own, ...runs, 'texts'].sort())
})

/** Redshift's own words for where rows lie; PostgreSQL has none. */
const portable = (sql: string): string => sql.replace(/ diststyle [\s\S]*$/, '')

describe('in PostgreSQL with Redshift’s reading of backslashes', () => {
  test('the warehouse is made, twice, and each statement is understood', async () => {
    await using engine = await PGlite.create()
    await engine.exec('set standard_conforming_strings = off')
    for (const sql of [...release.make.flat(), ...release.make.flat()]) await engine.exec(portable(sql))
    expect((await engine.query('select version from raw_data.schema_version')).rows).toEqual([
      { version: release.schema_version },
    ])
    await engine.exec('create role loader; create role analysts')
    for (const sql of grantStatements({ loader: 'loader', readers: ['analysts'] }))
      await engine.exec(sql.replace(' to role ', ' to '))
    for (const { table, relation, columns } of release.staging) {
      const { fields } = await engine.query(`select * from ${relation}`)
      expect([table, fields.map(({ name }) => name)]).toEqual([table, columns])
    }
    await engine.query(release.build_state)
    for (const [name, sql] of Object.entries(checks ?? {}))
      await engine.query(redshiftText(sql)).catch((error) => expect.fail(`${name}: ${error.message}`))
  })
})

test.each([
  [`select '\\N'`, 'a backslash that escapes'],
  ['select concat(a, b, c) from t', 'concat of more than two'],
  ['select cast(a as varchar) from t', 'varchar without a length, which is 256 bytes'],
  ['select a is not distinct from b from t', 'is distinct from'],
  ['select count(*) filter (where a) from t', 'filter (where …)'],
  ['select rank() over (order by a nulls last) from t', 'nulls first or last in a window'],
  ['select avg(a) from t', 'avg of integers, which truncates'],
  ['create table t (a integer primary key)', 'keys, which are trusted unchecked'],
  ['select a from (values (1)) v', 'values as a table'],
  ['select string_agg(a) from t', 'the function string_agg, which nobody has looked up'],
  ['select a as user from t', 'the reserved word user as a name'],
  [`select '${'x'.repeat(100_000)}'`, '100000 bytes and more'],
])('%s is found', (sql, fault) => {
  expect(redshiftFaults(sql)).toContain(fault)
})

test.each([`select '\\\\N', 'it''s; avg(', "user" -- avg(a)`, 'insert into raw_data.t ("a") select 1'])(
  '%s is let pass',
  (sql) => {
    expect(redshiftFaults(sql)).toEqual([])
  },
)
