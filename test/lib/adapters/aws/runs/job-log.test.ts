import { expect, test } from 'vitest'
import { JobLog } from '../../../../../src/lib/adapters/aws/runs/job-log.js'
import { FakeAws, named } from '../../../../fakes/aws-runs.js'

const line = (message: string): string => JSON.stringify({ event: 'log', level: 'info', message })

function open(LogGroupName?: string): {
  aws: FakeAws
  log: JobLog
  say(text: string, at: number, stream?: string): void
} {
  const aws = new FakeAws()
  const run = { JobName: 'j', Id: 'jr_1', JobRunState: 'RUNNING', Arguments: {} }
  aws.runs.push(LogGroupName ? { ...run, LogGroupName } : run)
  const logGroupName = `${(LogGroupName ?? '/aws-glue/jobs').replace(/\/$/, '')}/output`
  const say = (message: string, timestamp: number, logStreamName = 'jr_1-driver'): void =>
    void aws.lines.push({ logGroupName, logStreamName, timestamp, message })
  return { aws, log: new JobLog(aws.clients, { job: 'j', id: 'jr_1' }), say }
}

const messages = async (log: JobLog): Promise<unknown[]> =>
  (await log.read()).map(({ line }) => ('message' in line ? line.message : line.event))

test('what our job says, once and in order; nothing of others', async () => {
  const { log, say } = open()
  expect(await log.read()).toEqual([])
  say(line('a'), 1000)
  say('24/05/04 INFO Spark', 1000)
  say(line('of another run'), 1000, 'jr_2')
  say(`${line('b')}\n${line('c')}\n`, 1001)
  expect(await messages(log)).toEqual(['a', 'b', 'c'])
  say(line('d'), 1002)
  expect(await messages(log)).toEqual(['d'])
  expect(await messages(log)).toEqual([])
})

test('a line that appears late is told all the same', async () => {
  const { log, say } = open()
  say(line('b'), 100_000)
  await log.read()
  say(line('a'), 99_000)
  expect(await messages(log)).toEqual(['a'])
})

test.each(['/aws-glue/python-jobs', '/aws-glue/jobs-role-conf/'])('the group is that of the run: %s', async (group) => {
  const { log, say } = open(group)
  say(line('a'), 1000)
  expect(await messages(log)).toEqual(['a'])
})

test('a run that is no longer known has the usual group; another failure is told', async () => {
  const { aws, log, say } = open()
  aws.runs.length = 0
  say(line('a'), 1000)
  aws.failures['GetJobRun'] = [named('X')]
  await expect(log.read()).rejects.toThrow('X')
  expect(await messages(log)).toEqual(['a'])
  aws.failures['FilterLogEvents'] = [named('Y')]
  await expect(log.read()).rejects.toThrow('Y')
})
