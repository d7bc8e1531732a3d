import { expect, test } from 'vitest'
import { RunReader } from '../../../../../src/lib/adapters/aws/runs/run-reader.js'
import { FakeAws } from '../../../../fakes/aws-runs.js'
import { history, LOAD, SUCCESS, started } from '../../../../fakes/histories.js'
import { collect } from '../../../../support/collect.js'

test('what a run is: going on, over, removed, or none', async () => {
  const aws = new FakeAws()
  aws.begin('going')
  aws.begin('over', [], 'FAILED')
  aws.begin('removed', [], 'FAILED')
  aws.files.set('runs/removed/removed.json', '{}')
  const reader = new RunReader(aws.options())
  const status = await Promise.all(['going', 'over', 'removed', 'none', '../x'].map((name) => reader.status(name)))
  expect(status).toEqual(['running', 'over', undefined, undefined, undefined])
})

test('its record is there before its end is told', async () => {
  const aws = new FakeAws()
  aws.begin('r-1', history(started('{}'), LOAD, SUCCESS), 'SUCCEEDED')
  const reader = new RunReader(aws.options())
  for await (const event of reader.follow('r-1', {}))
    expect(aws.files.has('runs/r-1/run.json')).toBe(event.type === 'run_closed')
})

test('what is written twice at once is one record', async () => {
  const aws = new FakeAws()
  aws.begin('r-1', history(started('{}'), LOAD, SUCCESS), 'SUCCEEDED')
  const reader = new RunReader(aws.options())
  const all = await Promise.all([collect(reader.follow('r-1', {})), reader.events('r-1'), reader.record('r-1')])
  expect(all[0]).toEqual(all[1])
  expect(all[2]).toEqual(aws.json('runs/r-1/run.json'))
})

test('a request that was made is one that may begin', async () => {
  const aws = new FakeAws()
  aws.files.set('runs/r-1/request.json', '{}')
  const reader = new RunReader(aws.options())
  expect(await Promise.all(['r-1', 'r-2', '../r-1'].map((name) => reader.isAskedFor(name)))).toEqual([
    true,
    false,
    false,
  ])
})
