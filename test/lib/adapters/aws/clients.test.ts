import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AwsClients, clientOptions } from '../../../../src/lib/adapters/aws/clients.js'

let server: Server
let endpoint = ''
/** What is answered next: status and body; the last one again and again. */
let answers: [number, object][] = []
let asked: { path: string; target: string; authorization: string }[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const { 'x-amz-target': target, authorization } = request.headers
    asked.push({ path: request.url ?? '', target: String(target), authorization: String(authorization) })
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [200, {}]
    request
      .resume()
      .on('end', () =>
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body)),
      )
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIATEST'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'unused'
})
afterAll(() => {
  server.close()
  delete process.env['AWS_ACCESS_KEY_ID']
  delete process.env['AWS_SECRET_ACCESS_KEY']
})

const start = new StartExecutionCommand({
  stateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:W',
  name: 'r',
})

test('a call goes to the endpoint, in the region, and each client is made once', async () => {
  answers = [[200, { executionArn: 'arn', startDate: 1 }]]
  asked = []
  await using clients = new AwsClients({ region: 'eu-west-1', endpoint })
  const [client, again] = await Promise.all([clients.stepFunctions(), clients.stepFunctions()])
  expect(client).toBe(again)
  expect((await client.send(start)).executionArn).toBe('arn')
  expect(asked).toMatchObject([
    { target: 'AWSStepFunctions.StartExecution', authorization: expect.stringContaining('/eu-west-1/states/') },
  ])
})

test('a call that is throttled is tried again, and told when no try is left', async () => {
  const busy: [number, object] = [400, { __type: 'ThrottlingException', message: 'Rate exceeded' }]
  await using clients = new AwsClients({ region: 'eu-west-1', endpoint })
  const client = await clients.stepFunctions()
  answers = [busy, [200, { executionArn: 'arn', startDate: 1 }]]
  asked = []
  expect((await client.send(start)).executionArn).toBe('arn')
  expect(asked).toHaveLength(2)
  answers = [busy]
  asked = []
  await expect(client.send(start)).rejects.toMatchObject({
    code: 'IO',
    message: expect.stringContaining('takes no more calls'),
  })
  expect(asked).toHaveLength(5)
})

test('a refusal is ours, an error of the call is the service’s, and a stop ends at once', async () => {
  await using clients = new AwsClients({ region: 'eu-west-1', endpoint })
  const client = await clients.stepFunctions()
  answers = [
    [
      400,
      {
        __type: 'AccessDeniedException',
        message: 'User: u is not authorized to perform: states:StartExecution on resource: a',
      },
    ],
  ]
  await expect(client.send(start)).rejects.toMatchObject({
    code: 'ACCESS',
    message: 'u may not states:StartExecution on a',
  })
  answers = [[400, { __type: 'ExecutionDoesNotExist', message: 'none' }]]
  await expect(client.send(new DescribeExecutionCommand({ executionArn: 'a' }))).rejects.toMatchObject({
    name: 'ExecutionDoesNotExist',
  })
  await expect(client.send(start, { abortSignal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
})

test('at an endpoint of one’s own a bucket is part of the path', async () => {
  answers = [[200, {}]]
  asked = []
  await using clients = new AwsClients({ region: 'eu-west-1', endpoint })
  await (await clients.s3()).send(new ListObjectsV2Command({ Bucket: 'lake' })).catch(() => undefined)
  expect(asked[0]?.path).toMatch(/^\/lake[/?]/)
})

test('nobody listens', async () => {
  await using clients = new AwsClients({ region: 'eu-west-1', endpoint: 'http://127.0.0.1:1' })
  await expect((await clients.stepFunctions()).send(start)).rejects.toMatchObject({ code: 'IO', exit: 'io' })
}, 60_000)

test('the region is that of the flag, the environment, or the profile, in this order', () => {
  const env = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }
  expect(clientOptions({ region: 'eu-west-3' }, env).region).toBe('eu-west-3')
  expect(clientOptions({}, env).region).toBe('eu-west-1')
  expect(clientOptions({}, { AWS_DEFAULT_REGION: 'us-east-1' }).region).toBe('us-east-1')
  expect('region' in clientOptions({ profile: 'p' }, {})).toBe(false)
})
