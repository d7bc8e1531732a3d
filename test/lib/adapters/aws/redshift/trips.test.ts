import { expect, test } from 'vitest'
import { DataApi } from '../../../../../src/lib/adapters/aws/redshift/data-api.js'
import { MARK, readTogether } from '../../../../../src/lib/adapters/aws/redshift/trips.js'
import { fakeDataApi, texts } from '../../../../support/fake-data-api.js'

const { api, clients, place } = fakeDataApi()
const ask = (sqls: string[]) => readTogether(new DataApi(place, clients(), new AbortController().signal), sqls)
const statements = (count: number): string[] => Array.from({ length: count }, (_, at) => `select ${at}`)

test('as many statements as a transaction takes are one trip, and none is no trip', async () => {
  api.answer = (sql) => texts('sql', sql)
  expect(await ask(statements(40))).toEqual(statements(40).map((sql) => [{ sql }]))
  expect(api.submits()).toEqual([statements(40)])
  expect(await ask([])).toEqual([])
  expect(api.submits()).toHaveLength(1)
})

test('more are several trips, each with the mark of what it saw', async () => {
  api.answer = (sql) => (sql === MARK ? texts('run_id', 'r1') : texts('sql', sql))
  expect(await ask(statements(41))).toEqual(statements(41).map((sql) => [{ sql }]))
  expect(api.submits()).toEqual([
    [MARK, ...statements(39)],
    [MARK, 'select 39', 'select 40'],
  ])
})

test('where a run published between them, all are read again; where it goes on, nothing is told', async () => {
  let marks = 0
  api.answer = (sql) =>
    sql === MARK ? texts('run_id', marks++ < 1 ? 'r1' : 'r2') : texts('sql', `${sql} after ${marks}`)
  const rows = await ask(statements(41))
  expect(api.submits().map((sqls) => sqls.length)).toEqual([40, 3, 40, 3])
  expect([rows[0], rows[40]]).toEqual([[{ sql: 'select 0 after 3' }], [{ sql: 'select 40 after 4' }]])
  api.answer = (sql) => texts('run_id', sql === MARK ? `r${marks++}` : '')
  await expect(ask(statements(41))).rejects.toMatchObject({ code: 'LOCKED', exit: 'locked' })
})
