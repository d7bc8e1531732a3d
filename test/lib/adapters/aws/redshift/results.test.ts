import { expect, test } from 'vitest'
import { DataApi } from '../../../../../src/lib/adapters/aws/redshift/data-api.js'
import { rowsOf, streamOf } from '../../../../../src/lib/adapters/aws/redshift/results.js'
import { fakeDataApi, texts } from '../../../../support/fake-data-api.js'
import { readAll } from '../../../../support/read-all.js'

const { api, clients, place } = fakeDataApi()
const opened = (signal = new AbortController().signal): DataApi => new DataApi(place, clients(), signal)
const tokens = (): unknown[] =>
  api.asked.filter(({ action }) => action === 'GetStatementResult').map(({ body }) => body.NextToken)

const three = { columns: [['n', 'int4'] as [string, string]], pages: [1, 2, 3].map((n) => [[{ longValue: n }]]) }

test('a page is fetched when the one before was read, and no more of them than are asked for', async () => {
  api.answer = () => three
  const [id = ''] = await opened().run(['select 1'])
  const { columns, chunks } = await streamOf(opened(), id)
  expect(columns).toEqual([{ name: 'n', type: 'INTEGER' }])
  expect(tokens()).toEqual([undefined])
  const reading = chunks[Symbol.asyncIterator]()
  expect((await reading.next()).value).toEqual([[1]])
  expect(tokens()).toEqual([undefined])
  expect((await reading.next()).value).toEqual([[2]])
  expect(tokens()).toEqual([undefined, '1'])
  await reading.return?.()
  expect(tokens()).toEqual([undefined, '1'])
  expect((await readAll(await streamOf(opened(), id))).rows).toEqual([[1], [2], [3]])
})

test('a page without rows is no chunk', async () => {
  api.answer = () => ({ ...three, pages: [[], [[{ longValue: 1 }]], []] })
  const [id = ''] = await opened().run(['select 1'])
  const chunks: unknown[] = []
  for await (const chunk of (await streamOf(opened(), id)).chunks) chunks.push(chunk)
  expect(chunks).toEqual([[[1]]])
})

test('rows of many results come by their names, in the order of the ids', async () => {
  api.answer = (sql) => texts('name', sql, null)
  const sqls = Array.from({ length: 20 }, (_, at) => `select ${at}`)
  const rows = await rowsOf(opened(), await opened().run(sqls))
  expect(rows).toEqual(sqls.map((sql) => [{ name: sql }, { name: null }]))
})

test('an abort between two pages ends the reading with its reason', async () => {
  api.answer = () => three
  const abort = new AbortController()
  const [id = ''] = await opened().run(['select 1'])
  const { chunks } = await streamOf(opened(abort.signal), id)
  const reading = chunks[Symbol.asyncIterator]()
  await reading.next()
  abort.abort(new Error('stopped'))
  await expect(reading.next()).rejects.toBe(abort.signal.reason)
})
