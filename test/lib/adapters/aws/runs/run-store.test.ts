import { describe, expect, test } from 'vitest'
import { AwsRunStore } from '../../../../../src/lib/adapters/aws/runs/run-store.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'
import type { RunRecord } from '../../../../../src/lib/ports/run-store.js'
import { selectRun } from '../../../../../src/lib/use-cases/select-run.js'
import { runStoreContract } from '../../../../contract/run-store.js'
import { FakeAws, named } from '../../../../fakes/aws-runs.js'
import { CURATED, EXTRACT, history, LOAD, SNAPSHOT, SUCCESS, started } from '../../../../fakes/histories.js'
import { begun, closed } from '../../../../fakes/orchestrator.js'
import { recordOf } from '../../../../fakes/run-store.js'

const DONE = history(started('{}'), LOAD, CURATED, SUCCESS)

/** The record that somebody has written of a run that is over. */
function keep(aws: FakeAws, runId: string, status: 'succeeded' | 'failed' | 'canceled', at: string): void {
  const events = [{ ...begun(runId), at }, closed(status)]
  const { request, state } = recordOf(runId, ['succeeded', 'succeeded', 'succeeded'], {}, { status, started_at: at })
  aws.files.set(`runs/${runId}/events.jsonl`, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  aws.files.set(`runs/${runId}/run.json`, JSON.stringify({ request, state }))
}

runStoreContract('AwsRunStore', async (runs) => {
  const aws = new FakeAws()
  for (const { runId, at, status } of runs) {
    aws.begin(runId, [], status.toUpperCase())
    keep(aws, runId, status, at)
  }
  return new AwsRunStore(aws.options())
})

runStoreContract('AwsRunStore, without records', async (runs) => {
  const aws = new FakeAws()
  for (const { runId, status } of runs) {
    const end = status === 'succeeded' ? SUCCESS : { type: 'ExecutionFailed' as const }
    aws.begin(runId, history(started('{}'), end), status.toUpperCase())
  }
  return new AwsRunStore(aws.options())
})

const ids = (records: readonly RunRecord[]): string[] => records.map(({ state }) => state.run_id)

describe('beside Step Functions', () => {
  test('runs that it has forgotten come after those that it knows, by their start', async () => {
    const aws = new FakeAws()
    keep(aws, 'x', 'succeeded', '2026-01-02T02:00:00.000Z')
    keep(aws, 'z', 'failed', '2026-01-01T02:00:00.000Z')
    keep(aws, 'y', 'succeeded', '2026-01-03T02:00:00.000Z')
    aws.files.set('runs/left/manifest.json', '{}')
    aws.begin('new', DONE, 'SUCCEEDED')
    const store = new AwsRunStore(aws.options())
    expect(ids(await store.list())).toEqual(['new', 'y', 'x', 'z'])
    expect((await store.get('z')).state.status).toBe('failed')
    expect((await selectRun(store, '@-4')).state.run_id).toBe('z')
  })

  test('a run that nobody followed gets its record when it is first read', async () => {
    const aws = new FakeAws()
    aws.begin('b5f1', DONE, 'SUCCEEDED')
    const store = new AwsRunStore(aws.options())
    const first = await store.get('b5f1')
    expect(first.request).toMatchObject({
      run_id: 'b5f1',
      as_of: '2026-05-03',
      target: 'prod',
      source: 'mysql://db/rental_db',
    })
    expect(aws.json('runs/b5f1/run.json')).toEqual(first)
    aws.executions.length = 0
    expect([await store.get('b5f1'), (await store.events('b5f1')).length]).toEqual([first, 6])
  })

  test('the newest run asks for no other', async () => {
    const aws = new FakeAws()
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      aws.begin(name, DONE, 'SUCCEEDED')
      keep(aws, name, 'succeeded', '2026-05-04T02:00:00.000Z')
    }
    expect((await selectRun(new AwsRunStore(aws.options()), '@latest')).state.run_id).toBe('e')
    expect(aws.calls).toEqual(['ListExecutions', 'GetObject'])
  })

  test('one that is going on is told as far as it is, and not written down', async () => {
    const aws = new FakeAws()
    aws.begin('r-1', history(started('{}'), SNAPSHOT, EXTRACT.slice(0, 4)))
    const message = JSON.stringify({ event: 'table_done', flow: { table: 'bookings', rows_in: 7 } })
    aws.lines.push({ logGroupName: '/aws-glue/jobs/output', logStreamName: 'jr_ExtractRaw', timestamp: 1, message })
    const [run] = await new AwsRunStore(aws.options()).list()
    expect(run?.state).toMatchObject({ status: 'running', layers: [{ status: 'running' }, {}, {}] })
    expect(run?.state.layers[0]?.tables).toMatchObject([{ table: 'bookings', rows_in: 7 }])
    expect([...aws.files.keys()]).toEqual([])
  })

  test('who may not write sees it all the same', async () => {
    const aws = new FakeAws()
    aws.begin('r-1', DONE, 'SUCCEEDED')
    aws.failures['PutObject'] = [new EtlError('u may not s3:PutObject', { code: 'ACCESS' })]
    expect((await new AwsRunStore(aws.options()).get('r-1')).state.status).toBe('succeeded')
    aws.failures['PutObject'] = [named('InternalError', { $fault: 'server' })]
    expect((await new AwsRunStore(aws.options()).get('r-1')).state.status).toBe('succeeded')
    aws.failures['PutObject'] = [named('Bug')]
    await expect(new AwsRunStore(aws.options()).get('r-1')).rejects.toThrow('Bug')
  })
})

describe('a run that was removed', () => {
  test('does not come back while Step Functions knows it', async () => {
    const aws = new FakeAws()
    aws.begin('r-1', DONE, 'SUCCEEDED')
    const store = new AwsRunStore(aws.options())
    await store.get('r-1')
    aws.files.set('runs/r-1/manifest.json', '{}')
    await store.remove('r-1', { keepManifest: true })
    expect([...aws.files.keys()].sort()).toEqual(['runs/r-1/manifest.json', 'runs/r-1/removed.json'])
    expect(aws.json('runs/r-1/removed.json')).toEqual({ at: '2026-05-04T03:00:00.000Z' })
    expect(await store.list()).toEqual([])
    await expect(store.get('r-1')).rejects.toMatchObject({ code: 'NO_RUN' })
    await expect(store.events('r-1')).rejects.toMatchObject({ code: 'NO_RUN' })
  })

  test('leaves nothing once it is forgotten there', async () => {
    const aws = new FakeAws()
    keep(aws, 'r-1', 'succeeded', '2026-01-02T02:00:00.000Z')
    await new AwsRunStore(aws.options()).remove('r-1', { keepManifest: false })
    expect([...aws.files.keys()]).toEqual([])
  })
})

test('an id that is none names the nearest, and asks for no execution of a strange name', async () => {
  const aws = new FakeAws()
  aws.begin('nightly-1', DONE, 'SUCCEEDED')
  keep(aws, 'nightly-0', 'succeeded', '2026-01-02T02:00:00.000Z')
  const store = new AwsRunStore(aws.options())
  await expect(store.get('nightly-2')).rejects.toMatchObject({
    code: 'NO_RUN',
    message: 'there is no run nightly-2; the nearest are nightly-1, nightly-0',
  })
  aws.calls.length = 0
  await expect(store.get('../x y')).rejects.toMatchObject({ code: 'NO_RUN' })
  await expect(store.events('../x y')).rejects.toMatchObject({ code: 'NO_RUN' })
  expect(new Set(aws.calls)).toEqual(new Set(['ListObjectsV2', 'ListExecutions']))
})
