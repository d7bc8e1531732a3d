import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/lib/core/run/events.js'
import { durationMs, watchRun } from '../../../src/lib/use-cases/watch-run.js'
import { begun, closed, ScriptedOrchestrator } from '../../fakes/orchestrator.js'
import { collect } from '../../support/collect.js'

const signal = new AbortController().signal
const never = new Promise<RunEvent>(() => undefined)

test('tells a run to its end', async () => {
  const orchestrator = new ScriptedOrchestrator([], { 'r-1': [begun('r-1'), closed()] })
  expect(await collect(watchRun(orchestrator, 'r-1', { waitMs: 60_000, signal }))).toEqual([begun('r-1'), closed()])
})

test('gives up when the time is over, with what it has seen', async () => {
  const orchestrator = new ScriptedOrchestrator([], { 'r-1': [begun('r-1'), never] })
  expect(await collect(watchRun(orchestrator, 'r-1', { waitMs: 5, signal }))).toEqual([begun('r-1')])
})

test('stopping the watch is an interruption', async () => {
  const stop = new AbortController()
  const orchestrator = new ScriptedOrchestrator([], { 'r-1': [begun('r-1'), never] })
  const watching = collect(watchRun(orchestrator, 'r-1', { waitMs: 60_000, signal: stop.signal }))
  stop.abort(new Error('Ctrl-C'))
  await expect(watching).rejects.toThrow('Ctrl-C')
})

test.each([
  ['90s', 90_000],
  ['45', 45_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['0s', 0],
  ['', undefined],
  ['5 minutes', undefined],
  ['-5s', undefined],
])('%s is %s ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})
