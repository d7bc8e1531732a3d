import { expect, test } from 'vitest'
import type { LaunchFailure } from '../../../src/lib/ports/launcher.js'
import { detachRun } from '../../../src/lib/use-cases/detach-run.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'

const signal = new AbortController().signal
const failing = (failure: LaunchFailure) => ({ launch: async () => ({ pid: 1, ended: Promise.resolve(failure) }) })

test('returns the run once it has begun', async () => {
  const runs = new FakeRunStore([])
  const running = recordOf('r-1', ['running', 'pending', 'pending'])
  const launched: unknown[] = []
  const launch = async (
    runId: string,
    argv: readonly string[],
  ): Promise<{ pid: number; ended: Promise<LaunchFailure> }> => {
    launched.push([runId, argv])
    setImmediate(() => {
      runs.records = [running]
    })
    return { pid: 1, ended: new Promise(() => undefined) }
  }
  expect(await detachRun({ launcher: { launch }, runs }, 'r-1', ['run', '--name', 'r-1'], signal)).toBe(running.state)
  expect(launched).toEqual([['r-1', ['run', '--name', 'r-1']]])
})

test('a run that began and has ended is shown, not an error', async () => {
  const record = recordOf('r-1', ['failed', 'pending', 'pending'])
  const runs = new FakeRunStore([])
  const launch = async () => {
    runs.records = [record]
    return { pid: 1, ended: Promise.resolve({ code: 1, output: '' }) }
  }
  expect(await detachRun({ launcher: { launch }, runs }, 'r-1', [], signal)).toBe(record.state)
})

test('an id that a run has already starts no process', async () => {
  const runs = new FakeRunStore([recordOf('r-1', ['succeeded', 'succeeded', 'succeeded'])])
  const launch = () => Promise.reject(new Error('nothing is to be launched'))
  await expect(detachRun({ launcher: { launch }, runs }, 'r-1', [], signal)).rejects.toMatchObject({
    message: 'there is a run r-1 already',
    exit: 'usage',
    suggestions: ['rental-etl runs show r-1', 'rental-etl run   # with an id of its own'],
  })
})

test('a run that could not begin fails as its process said', async () => {
  const error = { code: 'LOCKED', message: 'run r-0 is going on', suggestions: ['rental-etl watch r-0'] }
  const launcher = failing({ code: 75, output: JSON.stringify({ status: 'error', error }) })
  await expect(detachRun({ launcher, runs: new FakeRunStore([]) }, 'r-1', [], signal)).rejects.toMatchObject({
    ...error,
    exit: 'locked',
  })
})

test('also when it said nothing that can be read', async () => {
  const launcher = failing({ code: 70, output: 'node: not found\n' })
  await expect(detachRun({ launcher, runs: new FakeRunStore([]) }, 'r-1', [], signal)).rejects.toMatchObject({
    exit: 'bug',
    message: 'run r-1 could not begin: its process ended with exit code 70: node: not found',
  })
})
