import { expect, test } from 'vitest'
import { readPage } from '../../../../../src/lib/adapters/aws/redshift/pages.js'
import { fakeDataApi } from '../../../../support/fake-data-api.js'

const { api, clients } = fakeDataApi()
const { signal } = new AbortController()

test('integers are exact beyond what a number holds, and a text that looks like one stays as it is', async () => {
  const looksLike = '{"longValue":9007199254740993} "longValue": 9007199254740993'
  const row = [
    { longValue: '#9007199254740993' },
    { longValue: '#-9223372036854775808' },
    { longValue: 5 },
    { stringValue: looksLike },
  ]
  api.answer = () => ({ columns: [['a', 'int8']], pages: [[row], [[{ longValue: 1 }]]] })
  const client = await clients().redshift()
  const { ExecuteStatementCommand } = await import('@aws-sdk/client-redshift-data')
  const { Id = '' } = await client.send(new ExecuteStatementCommand({ Sql: 'select 1', Database: 'dev' }))
  const page = await readPage(client, Id, undefined, signal)
  expect(page.records).toEqual([
    [
      { stringValue: '9007199254740993' },
      { stringValue: '-9223372036854775808' },
      { longValue: 5 },
      { stringValue: looksLike },
    ],
  ])
  expect([page.columns[0]?.name, page.next]).toEqual(['a', '1'])
  const last = await readPage(client, Id, page.next, signal)
  expect(last).toMatchObject({ records: [[{ longValue: 1 }]], next: undefined })
})
