import { expect, test } from 'vitest'
import { BucketFiles } from '../../../../../src/lib/adapters/aws/runs/bucket-files.js'
import { RunFiles } from '../../../../../src/lib/adapters/aws/runs/run-files.js'
import { emptyFlow } from '../../../../../src/lib/core/run/run.js'
import { FakeAws } from '../../../../fakes/aws-runs.js'
import { begun, closed } from '../../../../fakes/orchestrator.js'
import { requestOf } from '../../../../fakes/requests.js'

function open(): { aws: FakeAws; files: RunFiles } {
  const aws = new FakeAws()
  return { aws, files: new RunFiles(new BucketFiles(aws.clients, 'lake')) }
}

test('a run that is over is kept once: of two the first', async () => {
  const { aws, files } = open()
  expect([await files.record('r-1'), await files.events('r-1')]).toEqual([undefined, undefined])
  const first = await files.keep(requestOf('r-1'), [begun('r-1'), closed('failed')])
  expect(await files.keep(requestOf('r-1'), [begun('r-1'), closed('succeeded')])).toEqual(first)
  expect(await files.record('r-1')).toEqual(first)
  expect(first.state.status).toBe('failed')
  expect(await files.events('r-1')).toEqual([begun('r-1'), closed('failed')])
  aws.files.set('runs/r-1/run.json', JSON.stringify({ state: first.state }))
  expect(await files.record('r-1')).toBeUndefined()
  aws.files.set('runs/r-1/run.json', '{"cut')
  expect(await files.record('r-1')).toBeUndefined()
  aws.files.set('runs/r-1/events.jsonl', JSON.stringify(begun('r-1')))
  expect(await files.events('r-1')).toBeUndefined()
})

test('the events of a kill between the two are those of the record', async () => {
  const { aws, files } = open()
  await files.keep(requestOf('r-1'), [begun('r-1'), closed('failed')])
  aws.files.delete('runs/r-1/run.json')
  expect((await files.keep(requestOf('r-1'), [begun('r-1'), closed('succeeded')])).state.status).toBe('failed')
})

test('what is removed is the record; the manifest where nobody needs it, the lake never', async () => {
  const { aws, files } = open()
  await files.createRequest(requestOf('r-1'))
  await files.keep(requestOf('r-1'), [begun('r-1'), closed()])
  for (const name of [
    'runs/r-1/manifest.json',
    'runs/r-1/raw.json',
    'runs/r-1/copy/stg_bookings.manifest',
    'runs/r-10/run.json',
    'data/raw/bookings/run_id=r-1/x',
  ])
    aws.files.set(name, '{}')
  await files.remove('r-1', { keepManifest: true, note: { at: 't' } })
  expect([...aws.files.keys()].sort()).toEqual([
    'data/raw/bookings/run_id=r-1/x',
    'runs/r-1/manifest.json',
    'runs/r-1/removed.json',
    'runs/r-10/run.json',
  ])
  expect(await files.isRemoved('r-1')).toBe(true)
  await files.removeNote('r-1')
  await files.remove('r-1', { keepManifest: false, note: undefined })
  expect([...aws.files.keys()].sort()).toEqual(['data/raw/bookings/run_id=r-1/x', 'runs/r-10/run.json'])
})

test('what jobs counted: an extract by its manifest, the others by their own', async () => {
  const { aws, files } = open()
  const flow = { ...emptyFlow('stg_bookings'), inserted: 3 }
  const table = { table: 'bookings', source_rows: 9, unchanged: 4, tombstones: 1, rejected_by_rule: { pk_null: 2 } }
  aws.files.set('runs/r-1/manifest.json', JSON.stringify({ tables: [table] }))
  aws.files.set('runs/r-1/raw.json', JSON.stringify({ run_id: 'r-1', counts: {}, tables: [flow, { no: 'flow' }] }))
  aws.files.set('runs/r-1/curated.json', JSON.stringify({ tables: [flow] }))
  const counts = { rows_in: 9, rows_out: 5, unchanged: 4, deleted: 1, quarantined: { pk_null: 2 } }
  expect(await files.flows('r-1', 'extract')).toEqual([{ ...emptyFlow('bookings'), ...counts }])
  expect([await files.flows('r-1', 'raw'), await files.flows('r-1', 'curated')]).toEqual([[flow], [flow]])
  expect(await files.flows('r-2', 'raw')).toEqual([])
})
