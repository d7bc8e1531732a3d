import { expect, test } from 'vitest'
import { EtlError } from '../../../src/lib/core/errors.js'
import type { RunRequest } from '../../../src/lib/core/run/request.js'
import { detachRun } from '../../../src/lib/use-cases/detach-run.js'
import { ScriptedOrchestrator } from '../../fakes/orchestrator.js'
import { requestOf } from '../../fakes/requests.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'

const signal = new AbortController().signal
const REQUEST = requestOf('r-1')
/** Nothing is started but by the launcher. */
const here = { orchestrator: new ScriptedOrchestrator([]) }

test('where runs go on by themselves, it is started, and nothing is launched', async () => {
  const runs = new FakeRunStore([])
  const record = recordOf('r-1', ['running', 'pending', 'pending'])
  class Elsewhere extends ScriptedOrchestrator {
    override readonly outlives = true
    override async start(request: RunRequest): Promise<void> {
      await super.start(request)
      runs.records = [record]
    }
  }
  const orchestrator = new Elsewhere([undefined])
  const launcher = () => Promise.reject(new Error('nothing is to be launched'))
  expect(await detachRun({ orchestrator, launcher, runs }, REQUEST, [], signal)).toBe(record.state)
  expect(orchestrator.started).toEqual([REQUEST])
})

test('returns the run once it has begun, be it over by then', async () => {
  for (const first of ['running', 'failed'] as const) {
    const runs = new FakeRunStore([])
    const record = recordOf('r-1', [first, 'pending', 'pending'])
    const launched: unknown[] = []
    const launch = async (runId: string, argv: readonly string[]): Promise<void> => {
      launched.push([runId, argv])
      runs.records = [record]
    }
    expect(
      await detachRun({ ...here, launcher: async () => ({ launch }), runs }, REQUEST, ['run', '--name', 'r-1'], signal),
    ).toBe(record.state)
    expect(launched).toEqual([['r-1', ['run', '--name', 'r-1']]])
  }
})

test('an id that a run has already starts nothing', async () => {
  const runs = new FakeRunStore([recordOf('r-1', ['succeeded', 'succeeded', 'succeeded'])])
  const launch = () => Promise.reject(new Error('nothing is to be launched'))
  await expect(
    detachRun({ ...here, launcher: async () => ({ launch }), runs }, REQUEST, [], signal),
  ).rejects.toMatchObject({
    message: 'there is a run r-1 already',
    exit: 'usage',
    suggestions: ['rental-etl runs show r-1', 'rental-etl run   # with an id of its own'],
  })
})

test('a run that could not begin fails as the launcher says', async () => {
  const error = new EtlError('run r-0 is going on', { code: 'LOCKED' })
  const launcher = async () => ({ launch: () => Promise.reject(error) })
  await expect(detachRun({ ...here, launcher, runs: new FakeRunStore([]) }, REQUEST, [], signal)).rejects.toBe(error)
})
