import { expect, test } from 'vitest'
import { cancelRun, runToCancel } from '../../../src/lib/use-cases/cancel-run.js'
import { ScriptedOrchestrator } from '../../fakes/orchestrator.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'

const over = recordOf('r-1', ['failed', 'pending', 'pending'])
const running = recordOf('r-2', ['running', 'pending', 'pending'])
const canceled = recordOf('r-2', ['canceled', 'pending', 'pending'])

test('takes the run that is going on', async () => {
  expect(await runToCancel(new FakeRunStore([running, over]), '@running')).toBe(running)
})

test('a run that is over is refused', async () => {
  const message = 'run r-1 is over: it failed'
  await expect(runToCancel(new FakeRunStore([over]), 'r-1')).rejects.toMatchObject({ exit: 'not_found', message })
  await expect(runToCancel(new FakeRunStore([canceled]), 'r-2')).rejects.toMatchObject({
    message: 'run r-2 is over: it was canceled',
  })
})

test('tells why, and shows what became of it', async () => {
  const runs = new FakeRunStore([running])
  const orchestrator = new ScriptedOrchestrator([], {}, () => {
    runs.records = [canceled]
  })
  expect(await cancelRun({ orchestrator, runs }, 'r-2', 'wrong day')).toEqual({ record: canceled, reason: 'wrong day' })
  expect(orchestrator.canceled).toEqual([['r-2', 'wrong day']])
})
