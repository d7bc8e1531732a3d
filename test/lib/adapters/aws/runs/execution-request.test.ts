import { expect, test } from 'vitest'
import { executionRequest } from '../../../../../src/lib/adapters/aws/runs/execution-request.js'
import { requestOf } from '../../../../fakes/requests.js'

const DEFAULTS = { target: 'prod', source: 'mysql://db/rental_db' }
const of = (input: string | undefined) =>
  executionRequest({ name: 'r-1', startedAt: '2026-05-04T00:00:01.000Z', input }, DEFAULTS)

test('the request that was given comes back as it is', () => {
  const request = requestOf('r-1', {
    from: 'raw',
    guards: { max_deleted: 1, max_deleted_min_rows: 2, max_quarantined: 1 },
  })
  expect(of(JSON.stringify(request))).toEqual(request)
})

const EVENT = JSON.stringify({ 'detail-type': 'Scheduled Event', source: 'aws.events', time: '2026-05-04T00:00:00Z' })

test.each([
  ['no input', undefined],
  ['an empty one', '{}'],
  ['the event of a schedule', EVENT],
  ['what is no document', '"x"'],
])('%s stands for a whole run of the day before, from the source of the settings', (_, input) => {
  expect(of(input)).toEqual(requestOf('r-1', { ...DEFAULTS, as_of: '2026-05-03' }))
})

test.each(['{"from":"x"}', '{"as_of":"tomorrow"}', '{'])(
  'an input that the workflow refuses is no failure: %s',
  (input) => {
    expect(of(input)).toMatchObject({ run_id: 'r-1', as_of: '2026-05-03', from: 'extract' })
  },
)

test('the name of the execution is the id, whatever the input says', () => {
  expect(of('{"run_id":"other","as_of":"2025-01-01"}')).toMatchObject({ run_id: 'r-1', as_of: '2025-01-01' })
})
