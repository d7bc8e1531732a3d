import { expect, test } from 'vitest'
import { readSqlFiles } from '../../../../../src/lib/adapters/files/sql-files.js'
import { keepingStatements } from '../../../../../src/lib/adapters/local/warehouse/kept-views.js'
import { parseRule } from '../../../../../src/lib/core/verify/quality.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

async function kept(readers?: string[]): Promise<string[]> {
  const db = await memoryDatabase()
  await db.run('create schema presentation')
  await db.run(`create view presentation.one as select 1 as id, 'x' as title, 2 as "Nights"`)
  await db.run(`create view presentation.two as select 1 as id, 'x' as other`)
  const statements = await keepingStatements({ db, own: 'memory' }, ['one', 'two'], readers)
  return statements.map((sql) => sql.replace(/^create table kept\.presentation\./, '').replaceAll('"', ''))
}

const ALL = ['one as select * from presentation.one', 'two as select * from presentation.two']

test('all columns are kept where the readers are not known, or there are none', async () => {
  expect(await kept()).toEqual(ALL)
  expect(await kept([])).toEqual(ALL)
})

test('columns that no reader names are left out, whichever view a word is meant for', async () => {
  const readers = ['select ID, count(*) as n from presentation.one group by id', 'select max(NIGHTS) as n from one']
  expect(await kept(readers)).toEqual([
    'one as select id, Nights from presentation.one',
    'two as select id from presentation.two',
  ])
})

test.each([
  'select * from presentation.one',
  'select v.* from presentation.one v',
  'select distinct * from one',
  'select id, * from one',
])('%s names all', async (reader) => expect(await kept([reader, 'select id from two'])).toEqual(ALL))

test('of a view of which no column is named all are kept: its rows are counted', async () => {
  expect(await kept(['select count(*) as n from one', 'select title from one'])).toEqual([
    'one as select title from presentation.one',
    ALL[1],
  ])
})

test('none of our rules over the views asks for all columns', async () => {
  const rules = (await readSqlFiles('checks')).map(({ name, text }) => parseRule(name, text))
  const texts = rules.filter(({ scope }) => scope === 'views').map(({ sql }) => sql)
  expect(texts.length).toBeGreaterThan(3)
  expect((await kept([...texts, 'select id from one']))[0]).toBe('one as select id from presentation.one')
})
