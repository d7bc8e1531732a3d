import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { AwsDoctor, type AwsDoctorOptions } from '../../../../src/lib/adapters/aws/doctor.js'
import { EtlError } from '../../../../src/lib/core/errors.js'
import type { Probe } from '../../../../src/lib/ports/doctor.js'
import type { StackStatus } from '../../../../src/lib/ports/stack.js'
import { EVENTS, stateOf } from '../../../support/run-states.js'

const STACK: StackStatus = {
  stack: 'rental-etl',
  status: 'UPDATE_COMPLETE',
  outputs: { WorkflowArn: 'arn' },
  parameters: { ScheduleName: 'Daily', ScheduleExpression: 'cron(0 2 * * ? *)', ScheduleState: 'ENABLED' },
}
const ACCESS = new EtlError('ann may not s3:GetObject', {
  code: 'ACCESS',
  suggestions: ['rental-etl doctor   # what is missing', 'aws sts get-caller-identity'],
})

interface Found {
  stack?: Partial<StackStatus>
  sts?: () => Promise<{ Arn: string }>
  read?: () => Promise<undefined>
  running?: string
  as_of?: string
  facts?: string
}

async function look({
  stack = {},
  running,
  as_of = '2026-05-31',
  facts = '9',
  ...found
}: Found = {}): Promise<Record<string, Probe>> {
  let open = true
  const options: AwsDoctorOptions = {
    clients: {
      sts: async () => ({ send: found.sts ?? (async () => ({ Arn: 'arn:aws:iam::1:user/ann' })) }) as never,
      region: async () => 'eu-west-1',
    },
    stack: async () => ({ status: async () => ({ ...STACK, ...stack }) }) as never,
    files: async () => ({ bucket: 'lake', read: found.read ?? (async () => undefined) }) as never,
    executions: async () => ({ running: async () => running }) as never,
    runs: async () =>
      ({
        async *newest() {
          yield { state: { ...stateOf(EVENTS), run_id: 'r-1', status: 'succeeded' }, request: {} }
        },
      }) as never,
    warehouse: async () =>
      ({
        async read() {
          await sleep(1)
          expect(open).toBe(true)
          return { builds: [{ run_id: 'r-1', as_of }], facts: [{ n: facts }] }
        },
        async [Symbol.asyncDispose]() {
          open = false
        },
      }) as never,
    expectedAsOf: () => '2026-06-01',
  }
  const all: Record<string, Probe> = {}
  for await (const one of new AwsDoctor(options).probes(new AbortController().signal)) all[one.name] = one
  return all
}

test('each thing that a run needs is told', async () => {
  const all = await look()
  expect(Object.values(all).map(({ name, status, message }) => [name, status, message])).toEqual([
    ['credentials', 'ok', 'arn:aws:iam::1:user/ann in region eu-west-1'],
    ['stack', 'ok', 'rental-etl is UPDATE_COMPLETE'],
    ['schedule', 'ok', 'Daily, cron(0 2 * * ? *) in UTC, is on by the stack'],
    ['bucket', 'ok', 's3://lake can be read'],
    ['workflow', 'ok', 'no run is going on'],
    ['source', 'skip', 'not looked at: only the job of the extract reaches it'],
    ['warehouse', 'ok', 'shows run r-1, as of 2026-05-31'],
    ['last run', 'ok', 'run r-1 succeeded'],
  ])
  expect(all['source']?.mend).toMatch(/^rental-etl verify --scope freshness/)
})

test('without keys, or a stack, all else is not looked at', async () => {
  const none = new EtlError('STS: there are no credentials', { code: 'ACCESS', suggestions: ['aws sso login'] })
  const without = await look({ sts: () => Promise.reject(none) })
  expect(Object.values(without).map(({ name, status, mend }) => [name, status, mend])).toEqual([
    ['credentials', 'fail', 'aws sso login'],
    ['all else', 'skip', null],
  ])
  const fresh = await look({ stack: { status: null, outputs: {}, parameters: {} } })
  expect(Object.keys(fresh)).toEqual(['credentials', 'stack', 'all else'])
  expect(fresh['stack']).toMatchObject({
    status: 'fail',
    message: 'there is no stack rental-etl in region eu-west-1',
    mend: 'rental-etl bootstrap --dry-run',
  })
})

test('a stack that takes no change, and what is refused, are told with what to type; the others are looked at', async () => {
  expect((await look({ stack: { status: 'ROLLBACK_COMPLETE' } }))['stack']).toMatchObject({
    status: 'fail',
    mend: expect.stringContaining('describe-stack-events'),
  })
  const refused = await look({ read: () => Promise.reject(ACCESS) })
  // The command that looks is no mend of what it has found.
  expect(refused['bucket']).toMatchObject({
    status: 'fail',
    message: ACCESS.message,
    mend: 'aws sts get-caller-identity',
  })
  expect(refused['last run']?.status).toBe('ok')
})

test('a schedule that is off, a run that goes on, and a warehouse that is stale or empty are warnings', async () => {
  const off = await look({
    stack: { parameters: { ...STACK.parameters, ScheduleState: 'DISABLED' } },
    running: 'r-2',
    as_of: '2026-05-30',
  })
  expect(off['schedule']).toMatchObject({ status: 'warn', mend: 'rental-etl bootstrap' })
  expect(off['workflow']).toMatchObject({
    status: 'warn',
    message: 'run r-2 is going on',
    mend: 'rental-etl watch r-2',
  })
  expect(off['warehouse']).toMatchObject({ status: 'warn', message: expect.stringContaining('which is stale') })
  expect((await look({ facts: '0' }))['warehouse']).toMatchObject({ status: 'warn', mend: 'rental-etl verify' })
})
