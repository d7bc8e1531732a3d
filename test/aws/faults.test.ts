import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { sharedOperator } from './pipeline-support.js'

const shared = sharedOperator({ waits: 0.02 })
const LONG = { timeout: 300_000 }
let configuration = ''

beforeAll(async () => {
  configuration = await readFile(join(shared.operator.folder, 'rental-etl.yml'), 'utf8')
  await shared.operator.json(0, 'bootstrap', '--yes')
}, 200_000)
beforeEach(async () => {
  await shared.box.clearFaults()
  await writeFile(join(shared.operator.folder, 'rental-etl.yml'), configuration)
})

const configured = (from: string | RegExp, to: string): Promise<void> =>
  writeFile(join(shared.operator.folder, 'rental-etl.yml'), configuration.replace(from, to))

test('credentials that are over, and none: 77, and how to come by new ones', LONG, async () => {
  // Those of the box itself never are.
  await shared.box.faults({ expired: ['*'] })
  const user = shared.operator.as({ AWS_ACCESS_KEY_ID: 'AKIASOMEBODYELSE0001', AWS_SECRET_ACCESS_KEY: 'x' })
  for (const words of [
    ['runs'],
    ['bootstrap', '--dry-run'],
    ['query', 'select 1 as one'],
    ['run', '--as-of', SMALL_AS_OF],
  ]) {
    const { error } = await user.json(77, ...words)
    expect([error?.code, error?.suggestions[0]]).toEqual(['ACCESS', expect.stringContaining('aws sso login')])
  }
})

test('nobody at that address: 74', LONG, async () => {
  const { error } = await shared.operator.json(74, 'runs', '--endpoint-url', 'http://127.0.0.1:1')
  expect(error?.message).toContain('cannot be reached (http://127.0.0.1:1)')
})

test('a stack that is not there: 66, and what makes it', LONG, async () => {
  await configured('kind: aws', 'kind: aws\n    stack: another')
  const { error } = await shared.operator.json(66, 'run')
  expect([error?.message, error?.suggestions[0]]).toEqual([
    'there is no stack another yet',
    'rental-etl bootstrap --target prod',
  ])
  expect((await shared.operator.json(66, 'status')).result.status).toBe(null)
})

test('a start of a job that is throttled, or refused since it is busy, is tried again', LONG, async () => {
  await shared.box.faults({ throttle: { 'glue:StartJobRun': 2 } })
  const { result } = await shared.operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', 'throttled')
  expect(result.layers[0].attempts).toBeGreaterThanOrEqual(1)
  expect(result.status).toBe('succeeded')
})

test(
  'a database that is not reached fails the extract, with what to look at, and nothing is changed',
  LONG,
  async () => {
    const before = await shared.operator.everything('prod')
    await configured(
      /mysql:\/\/(\w+)@127\.0\.0\.1:\d+\/rental_db\n {4}source_secret/,
      'mysql://$1@127.0.0.1:1/rental_db\n    source_secret',
    )
    await shared.operator.json(0, 'bootstrap', '--yes')
    const failed = await shared.operator.run('run', '--as-of', SMALL_AS_OF, '--name', 'unreachable')
    expect([failed.code, failed.stderr]).toEqual([74, expect.stringMatching(/127\.0\.0\.1:1\b/)])
    await writeFile(join(shared.operator.folder, 'rental-etl.yml'), configuration)
    await shared.operator.json(0, 'bootstrap', '--yes')
    expect(await shared.operator.everything('prod')).toEqual(before)
  },
)

test('a notice that SNS refuses does not hide the failure', LONG, async () => {
  await shared.box.faults({ refuse: ['sns:Publish'], job: { mode: 'kill', job: 'extract_raw' } })
  const { result } = await shared.operator.json(1, 'run', '--as-of', SMALL_AS_OF, '--name', 'killed')
  expect([result.status, result.error.layer]).toEqual(['failed', 'extract'])
  await shared.box.clearFaults()
  expect((await shared.operator.json(0, 'resume')).result.parent).toBe('killed')
})

test('a name that a run has already starts nothing', LONG, async () => {
  const { error } = await shared.operator.json(64, 'run', '--as-of', SMALL_AS_OF, '--name', 'throttled')
  expect(error?.message).toBe('there is a run throttled already')
})
