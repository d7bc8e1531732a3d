import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { DATABASE } from '../support/mysql-tables.js'
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

test('no credentials at all: 77, and that there are none', async () => {
  const nobody = shared.operator.as({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })
  const { error } = await nobody.json(77, 'runs')
  expect([error?.message, error?.suggestions[0]]).toEqual([
    'CloudFormation: there are no credentials',
    expect.stringContaining('aws sso login'),
  ])
})

test('another region: there is no stack in it, and where the region comes from', async () => {
  const { error } = await shared.operator.json(66, 'runs', '--region', 'us-east-1')
  expect([error?.message, error?.suggestions]).toEqual([
    'there is no stack rental-etl in region us-east-1',
    expect.arrayContaining([expect.stringContaining('rental-etl config explain region')]),
  ])
  expect((await shared.operator.run('config', 'explain', 'region', '--target', 'prod')).code).toBe(0)
})

test('nobody at that address: 74', LONG, async () => {
  const { error } = await shared.operator.json(74, 'runs', '--endpoint-url', 'http://127.0.0.1:1')
  expect(error?.message).toContain('cannot be reached (http://127.0.0.1:1)')
})

test('a stack that is not there: 66, and what makes it', LONG, async () => {
  await configured('kind: aws', 'kind: aws\n    stack: another')
  const { error } = await shared.operator.json(66, 'run')
  expect([error?.message, error?.suggestions[0]]).toEqual([
    'there is no stack another in region eu-west-1',
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

/** The ids of the runs that are going on, once there are so many. */
async function goingOn(count: number): Promise<string[]> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const { result } = await shared.operator.json(0, 'runs', '--status', 'running')
    if (result.rows.length >= count) return result.rows.map(({ run_id }: { run_id: string }) => run_id)
  }
  throw new Error(`there are no ${count} runs going on`)
}

test('while a run of the schedule goes on an operator starts none, and is told which it is', LONG, async () => {
  await shared.box.faults({ job: { mode: 'hang', job: 's3_to_redshift_raw' } })
  await shared.box.fire('RunRentalAnalyticsDaily')
  const [scheduled = ''] = await goingOn(1)
  const { error } = await shared.operator.json(75, 'run', '--as-of', SMALL_AS_OF)
  expect([error?.code, error?.message, error?.suggestions[0]]).toEqual([
    'LOCKED',
    expect.stringContaining(`run ${scheduled} is going on`),
    `rental-etl watch ${scheduled}`,
  ])
  await shared.operator.json(0, 'cancel', scheduled, '--reason', 'a test', '--yes')
})

test(
  'a schedule and an operator that start within one moment do no harm: raw and curated are as one run makes them',
  LONG,
  async () => {
    await shared.box.mariadb.admin(`update ${DATABASE}.bookings set total_price = total_price + 1 where booking_id = 1`)
    await shared.operator.json(69, 'run', '--detach', '--name', 'both')
    // A schedule looks for no other run.
    await shared.box.fire('RunRentalAnalyticsDaily')
    const ids = await goingOn(2)
    expect(ids).toContain('both')
    const ends = []
    for (const id of ids) {
      const { stdout } = await shared.operator.run('watch', id, '--json')
      const { status, error } = JSON.parse(stdout).result
      ends.push(status === 'succeeded' ? status : error.code)
    }
    expect(ends).toContain('succeeded')
    expect(ends.filter((end) => !['succeeded', 'STALE_EXTRACT', 'JOB_FAILED'].includes(end))).toEqual([])
    const asOf = (await shared.operator.json(0, 'metrics', 'occupancy')).result.as_of
    await shared.operator.expectSame(asOf)
  },
)
