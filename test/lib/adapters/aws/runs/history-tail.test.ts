import type { HistoryEvent } from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import { Executions } from '../../../../../src/lib/adapters/aws/runs/executions.js'
import { HistoryTail } from '../../../../../src/lib/adapters/aws/runs/history-tail.js'
import { FakeAws, named } from '../../../../fakes/aws-runs.js'
import { EXTRACT, history, SNAPSHOT, started } from '../../../../fakes/histories.js'

const ALL = history(started('{}'), SNAPSHOT, EXTRACT)

function open(events: HistoryEvent[]): { aws: FakeAws; tail: HistoryTail; events: HistoryEvent[] } {
  const aws = new FakeAws()
  aws.begin('r-1', events)
  const { clients, workflowArn } = aws.options()
  return { aws, tail: new HistoryTail(new Executions(clients, workflowArn), 'r-1'), events }
}

const ids = (events: HistoryEvent[]): (number | undefined)[] => events.map(({ id }) => id)

test('every event once, in order, over pages that grow', async () => {
  const { tail, events } = open(ALL.slice(0, 3))
  expect(ids(await tail.read())).toEqual([1, 2, 3])
  expect(await tail.read()).toEqual([])
  events.push(...ALL.slice(3, 8))
  expect(ids(await tail.read())).toEqual([4, 5, 6, 7, 8])
  events.push(...ALL.slice(8, 9))
  expect(ids(await tail.read())).toEqual([9])
})

test('it reads on from its last page', async () => {
  const { aws, tail, events } = open(ALL.slice(0, 8))
  await tail.read()
  aws.calls.length = 0
  events.push(...ALL.slice(8, 9))
  expect(ids(await tail.read())).toEqual([9])
  expect(aws.calls).toHaveLength(2)
})

test('a page that fails loses nothing', async () => {
  const { aws, tail } = open(ALL.slice(0, 5))
  aws.failures['GetExecutionHistory'] = [undefined, named('X')]
  await expect(tail.read()).rejects.toThrow('X')
  expect(ids(await tail.read())).toEqual([1, 2, 3, 4, 5])
})

test('a token that is too old begins anew', async () => {
  const { aws, tail, events } = open(ALL.slice(0, 5))
  await tail.read()
  events.push(...ALL.slice(5, 7))
  aws.failures['GetExecutionHistory'] = [named('InvalidToken')]
  expect(ids(await tail.read())).toEqual([6, 7])
})
