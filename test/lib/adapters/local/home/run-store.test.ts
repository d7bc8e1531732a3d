import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFiles, writeRecord } from '../../../../../src/lib/adapters/local/home/run-files.js'
import { closeDead } from '../../../../../src/lib/adapters/local/home/run-life.js'
import { appendOrder } from '../../../../../src/lib/adapters/local/home/run-order.js'
import { LocalRunStore } from '../../../../../src/lib/adapters/local/home/run-store.js'
import { followFile } from '../../../../../src/lib/adapters/local/workflow/orchestrator-follow.js'
import type { RunEvent } from '../../../../../src/lib/core/run/events.js'
import { selectRun } from '../../../../../src/lib/use-cases/select-run.js'
import { runStoreContract } from '../../../../contract/run-store.js'
import { begun, closed } from '../../../../fakes/orchestrator.js'
import { requestOf } from '../../../../fakes/requests.js'
import { collect } from '../../../../support/collect.js'
import { temporaryFolder } from '../../../../support/temporary.js'

async function left(home: string, runId: string, events: RunEvent[]): Promise<void> {
  const files = runFiles(home, runId)
  await mkdir(files.folder, { recursive: true })
  await writeFile(files.request, JSON.stringify(requestOf(runId)))
  await writeFile(files.events, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
}

const at = (runId: string, started: string): RunEvent => ({ ...begun(runId), at: started }) as RunEvent

runStoreContract('LocalRunStore', async (runs) => {
  const home = await temporaryFolder()
  for (const { runId, at: began, status } of runs) {
    await appendOrder(home, { run_id: runId, at: began })
    await left(home, runId, [at(runId, began), closed(status)])
  }
  return new LocalRunStore(home)
})

test('runs of version 0.1.0 come before, by their start, not by their name', async () => {
  const home = await temporaryFolder()
  await left(home, 'b', [at('b', '2026-05-04T02:00:00.000Z'), closed()])
  await left(home, 'c', [at('c', '2026-05-03T02:00:00.000Z'), closed()])
  await left(home, 'a', [at('a', '2026-05-05T02:00:00.000Z'), closed('failed')])
  const records = await new LocalRunStore(home).list()
  expect(records.map(({ state }) => [state.run_id, state.status])).toEqual([
    ['a', 'failed'],
    ['b', 'succeeded'],
    ['c', 'succeeded'],
  ])
  await appendOrder(home, { run_id: 'c', at: '' })
  const after = await new LocalRunStore(home).list()
  expect(after.map(({ state }) => state.run_id)).toEqual(['c', 'a', 'b'])
})

test('a selector reads no more runs than it needs', async () => {
  const home = await temporaryFolder()
  for (const runId of ['r-1', 'r-2', 'r-3']) {
    await appendOrder(home, { run_id: runId, at: '' })
    await left(home, runId, [begun(runId), closed()])
  }
  // To read this one would fail.
  await rm(runFiles(home, 'r-1').request)
  await mkdir(runFiles(home, 'r-1').request)
  const store = new LocalRunStore(home)
  expect((await selectRun(store, '@latest')).state.run_id).toBe('r-3')
  expect((await selectRun(store, '@-2')).state.run_id).toBe('r-2')
  await expect(store.list()).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('r-1/request.json') })
})

test('folders that are no runs are not shown', async () => {
  const home = await temporaryFolder()
  const files = runFiles(home, 'r-1')
  await mkdir(join(home, 'runs', 'detached'), { recursive: true })
  await mkdir(files.folder)
  await writeFile(files.request, '{"requ')
  expect(await new LocalRunStore(home).list()).toEqual([])
})

test('records that a bad disk has spoilt stop nobody: the log tells what they held', async () => {
  const home = await temporaryFolder()
  for (const [runId, record] of [
    ['r-1', '{}'],
    ['r-2', 'null'],
    ['r-3', '{"state":{"status":"failed"}}'],
  ] as const) {
    await left(home, runId, [begun(runId), closed()])
    await writeFile(runFiles(home, runId).record, record)
  }
  await left(home, 'r-4', [begun('r-4'), closed()])
  await writeFile(runFiles(home, 'r-4').request, '{}')
  await closeDead(home)
  const store = new LocalRunStore(home)
  const records = await store.list()
  expect(records.map(({ state }) => [state.run_id, state.status]).sort()).toEqual([
    ['r-1', 'succeeded'],
    ['r-2', 'succeeded'],
    ['r-3', 'succeeded'],
  ])
})

test('a run whose log is spoilt ends as its record says', async () => {
  const home = await temporaryFolder()
  await left(home, 'r-1', [begun('r-1'), closed()])
  const files = runFiles(home, 'r-1')
  const record = await new LocalRunStore(home).get('r-1')
  await writeRecord(files, record)
  await writeFile(files.events, 'null\n1\n[]\n{"type"')
  expect(await collect(followFile(home, 'r-1'))).toEqual([
    { type: 'run_closed', at: record.state.closed_at, status: 'succeeded', error: null },
  ])
})

test('a run whose process is gone ends with its last sign of life', async () => {
  const home = await temporaryFolder()
  const layer: RunEvent = { type: 'layer_started', at: '2026-05-04T02:00:05.000Z', layer: 'extract', attempt: 1 }
  await left(home, 'r-1', [begun('r-1'), layer])
  const store = new LocalRunStore(home)
  const error = {
    code: 'INTERRUPTED',
    message: 'the process that did this run ended without finishing it',
    suggestions: ['rental-etl resume r-1'],
    layer: 'extract',
  } as const
  const closing = { type: 'run_closed', at: '2026-05-04T02:00:05.000Z', status: 'failed', error }
  expect((await store.get('r-1')).state).toMatchObject({
    status: 'failed',
    error,
    closed_at: '2026-05-04T02:00:05.000Z',
  })
  expect(await store.events('r-1')).toEqual([begun('r-1'), layer, closing])
  await closeDead(home)
  expect(await store.events('r-1')).toEqual([begun('r-1'), layer, closing])
  expect(await readdir(runFiles(home, 'r-1').folder)).toContain('run.json')
})

test('an unknown id names the nearest', async () => {
  const home = await temporaryFolder()
  await left(home, '20260504T020009Z-a3f0', [begun('20260504T020009Z-a3f0'), closed()])
  await expect(new LocalRunStore(home).get('20260504T020009Z-a3f1')).rejects.toMatchObject({
    code: 'NO_RUN',
    message: 'there is no run 20260504T020009Z-a3f1; the nearest is 20260504T020009Z-a3f0',
  })
  await expect(new LocalRunStore(home).get('..')).rejects.toMatchObject({ code: 'NO_RUN' })
})

test('a removed run is gone; its manifest and its rows stay where raw needs them', async () => {
  const home = await temporaryFolder()
  for (const runId of ['r-1', 'r-2']) {
    await left(home, runId, [begun(runId), closed()])
    await writeFile(join(runFiles(home, runId).folder, 'manifest.json'), '{}')
    await mkdir(join(home, 'data', 'raw', 'bookings', `run_id=${runId}`), { recursive: true })
  }
  const store = new LocalRunStore(home)
  await store.remove('r-1', { keepManifest: true })
  await store.remove('r-2', { keepManifest: false })
  expect(await store.list()).toEqual([])
  expect(await readdir(join(home, 'runs'))).toEqual(['r-1'])
  expect(await readdir(join(home, 'runs', 'r-1'))).toEqual(['manifest.json'])
  expect((await readdir(join(home, 'data', 'raw', 'bookings'))).sort()).toEqual(['run_id=r-1', 'run_id=r-2'])
})

test('what killed runs were writing is cleared, and nothing else', async () => {
  const home = await temporaryFolder()
  for (const runId of ['r-1', 'r-2']) {
    await appendOrder(home, { run_id: runId, at: '' })
    await left(home, runId, [begun(runId), ...(runId === 'r-1' ? [closed()] : [])])
  }
  await writeRecord(runFiles(home, 'r-1'), (await new LocalRunStore(home).list())[1] as never)
  const folder = (runId: string): string => runFiles(home, runId).folder
  await appendOrder(home, { run_id: 'r-3', at: '' })
  await mkdir(folder('r-3'))
  await writeFile(join(folder('r-3'), 'request.json'), '{"run_i')
  for (const name of ['run.json.tmp', 'run.json.0123456789ab.tmp']) await writeFile(join(folder('r-2'), name), '{')
  for (const name of ['run.lock.json.tmp', 'notes.tmp']) await writeFile(join(home, name), '')
  await closeDead(home)
  expect((await readdir(join(home, 'runs'))).sort()).toEqual(['r-1', 'r-2'])
  expect((await readdir(folder('r-2'))).sort()).toEqual(['events.jsonl', 'request.json', 'run.json'])
  expect((await readdir(home)).sort()).toEqual(['notes.tmp', 'runs', 'runs.jsonl'])
})

test('a pipe where a file of a run belongs is told, and nobody waits for it', async () => {
  for (const name of ['request', 'record', 'events'] as const) {
    const home = await temporaryFolder()
    await left(home, 'r-1', [begun('r-1'), closed()])
    const path = runFiles(home, 'r-1')[name]
    await rm(path, { force: true })
    execFileSync('mkfifo', [path])
    await expect(new LocalRunStore(home).list()).rejects.toMatchObject({
      code: 'IO',
      message: `${path} is no regular file`,
    })
  }
})
