import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { DataApi } from '../../../../../src/lib/adapters/aws/redshift/data-api.js'
import { fakeDataApi, texts } from '../../../../support/fake-data-api.js'

const { api, clients, place } = fakeDataApi()
const opened = (signal = new AbortController().signal): DataApi => new DataApi(place, clients(), signal)

test('a statement is submitted to its place, asked after until it has ended, and its result has its id', async () => {
  api.polls = 3
  const began = performance.now()
  expect(await opened().run(['select 1'])).toEqual(['s1'])
  // 50, 75 and 113 ms.
  expect(performance.now() - began).toBeGreaterThan(230)
  expect(api.actions()).toEqual(['ExecuteStatement', ...Array(3).fill('DescribeStatement')])
  expect(api.asked[0]?.body).toMatchObject({
    Sql: 'select 1',
    WorkgroupName: 'rental',
    Database: 'dev',
    StatementName: 'rental-etl',
  })
  expect(api.asked[0]?.body['ClientToken']).toBeTypeOf('string')
  const cluster = new DataApi({ cluster: 'c', database: 'd', secret: 'arn:s' }, clients(), new AbortController().signal)
  await cluster.run(['select 2'])
  const { body } = api.asked.find(({ body: { Sql } }) => Sql === 'select 2') ?? {}
  expect(body).toMatchObject({ ClusterIdentifier: 'c', Database: 'd', SecretArn: 'arn:s' })
  expect(body).not.toHaveProperty('WorkgroupName')
})

test('several statements are one batch, and each result has an id', async () => {
  expect(await opened().run(['select 1', 'select 2'])).toEqual(['s1:1', 's1:2'])
  expect(api.submits()).toEqual([['select 1', 'select 2']])
})

test('one that fails is told by its place in the run and in the words of Redshift', async () => {
  api.answer = (sql) => (sql === 'bad' ? { error: 'syntax error at or near "bad"' } : texts('x'))
  const failed = { at: 1, said: 'syntax error at or near "bad"' }
  await expect(opened().run(['select 1', 'bad', 'select 2'])).rejects.toMatchObject(failed)
  await expect(opened().run(['bad'])).rejects.toMatchObject({ ...failed, at: 0 })
})

test('what lost against a writer is run once more, and no oftener', async () => {
  const lost = { error: '1023 DETAIL: Serializable isolation violation on a table in Redshift' }
  let left = 1
  api.answer = () => (left-- > 0 ? lost : texts('x', 'a'))
  expect(await opened().run(['select 1'])).toEqual(['s2'])
  left = 2
  await expect(opened().run(['select 1'])).rejects.toMatchObject({ said: lost.error })
  expect(api.submits()).toHaveLength(4)
})

test('a submit that was throttled is tried again with its token, so that it runs once', async () => {
  api.refusals = { ExecuteStatement: [['ThrottlingException', 'Rate exceeded']] }
  await opened().run(['select 1'])
  const [first, second] = api.asked.map(({ body }) => body['ClientToken'])
  expect(second).toBe(first)
})

test('an abort cancels what runs, and gives its reason at once', async () => {
  api.answer = () => ({ endless: true })
  const abort = new AbortController()
  const running = opened(abort.signal)
    .run(['select 1'])
    .catch((error) => error)
  setTimeout(() => abort.abort(new Error('stopped')), 120)
  expect(await running).toBe(abort.signal.reason)
  expect(api.actions().filter((action) => action === 'CancelStatement')).toHaveLength(1)
  expect(api.running()).toEqual([])
  const before = api.asked.length
  await expect(opened(abort.signal).run(['select 2'])).rejects.toBe(abort.signal.reason)
  await expect(opened(abort.signal).page('s1')).rejects.toBe(abort.signal.reason)
  expect(api.asked).toHaveLength(before)
})

test('an abort while a statement is submitted cancels it, once its id is known', async () => {
  api.answer = () => ({ endless: true })
  api.slow = { ExecuteStatement: 300 }
  const abort = new AbortController()
  const running = opened(abort.signal)
    .run(['select 1'])
    .catch((error) => error)
  setTimeout(() => abort.abort(new Error('stopped')), 50)
  expect(await running).toBe(abort.signal.reason)
  expect(api.running()).toEqual([])
})

test('an abort does not wait for a service that takes no cancel', async () => {
  api.answer = () => ({ endless: true })
  api.slow = { CancelStatement: 5000 }
  const abort = new AbortController()
  const running = opened(abort.signal)
    .run(['select 1'])
    .catch((error) => error)
  setTimeout(() => abort.abort(new Error('stopped')), 100)
  const began = performance.now()
  expect(await running).toBe(abort.signal.reason)
  expect(performance.now() - began).toBeLessThan(3000)
})

test('one that was cancelled by somebody else is told', async () => {
  api.answer = () => ({ endless: true })
  const running = opened().run(['select 1'])
  await expect.poll(() => api.running()).toEqual(['s1'])
  const { CancelStatementCommand } = await import('@aws-sdk/client-redshift-data')
  await (await clients().redshift()).send(new CancelStatementCommand({ Id: 's1' }))
  await expect(running).rejects.toMatchObject({
    code: 'IO',
    message: expect.stringContaining('was cancelled in Redshift'),
  })
})

test('a statement that is too long is not sent', async () => {
  const long = `select '${'é'.repeat(50_000)}'`
  await expect(opened().run([long])).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('has 100009 bytes'),
  })
  expect(api.asked).toEqual([])
})

test('what the service says of a call is told with the place', async () => {
  api.refusals = {
    ExecuteStatement: [['ValidationException', `Redshift endpoint doesn't exist in this region.`]],
    GetStatementResult: [['ResourceNotFoundException', 'Query does not exist.']],
  }
  await expect(opened().run(['select 1'])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('workgroup rental, database dev'),
  })
  await expect(opened().page('s1')).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('24 hours') })
})

test('many runs under one signal leave no listener behind', async () => {
  const { signal } = new AbortController()
  const runs = opened(signal)
  for (let n = 0; n < 12; n++) await runs.page((await runs.run(['select 1']))[0] as string)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
