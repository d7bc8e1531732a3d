import { join } from 'node:path'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settings, sharedBox } from '../emulator/support.js'
import { fillSmall } from '../support/mysql-commands.js'
import { createDatabase } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'
import { operatorPolicy } from './operator-policy.js'
import { Operator } from './pipeline-support.js'

// Signatures are checked and policies decide: jobs, workflow, schedule and Redshift have the template's own roles.
const shared = sharedBox({ auth: true, waits: 0.05 })
let scratch: Scratch
let root: Operator
let outputs: Record<string, string>

beforeAll(async () => {
  scratch = await scratchFolder()
  await createDatabase(shared.box.mariadb)
  await fillSmall(shared.box.mariadb)
  root = await Operator.of(shared.box, join(scratch.path, 'work'))
  outputs = (await root.json(0, 'bootstrap', '--yes')).result.outputs
})
afterAll(() => scratch?.[Symbol.asyncDispose]())

test('with the rights that docs/aws.md prints, runs are done, proved and read, and nothing is made', {
  timeout: 300_000,
}, async () => {
  const iam = new IAMClient(settings(shared.box))
  await iam.send(new CreateUserCommand({ UserName: 'operator' }))
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'operator',
      PolicyName: 'operator',
      PolicyDocument: operatorPolicy(outputs, shared.box),
    }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'operator' }))
  const keys = {
    AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId as string,
    AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey as string,
  }
  const user = root.as(keys)
  // The database knows a user from the first call on; who owns the tables lets it read, as docs/aws.md says.
  expect((await user.json(77, 'query', 'select 1 as one')).error?.message).toContain('IAM:operator')
  await root.grant('grant role analysts to "IAM:operator"')
  const ran = await user.json(0, 'run', '--as-of', SMALL_AS_OF)
  expect(ran.result.status).toBe('succeeded')
  expect((await user.json(0, 'metrics', 'occupancy', '--all')).result.rows.length).toBeGreaterThan(0)
  expect((await user.json(0, 'runs')).result.rows).toHaveLength(1)
  expect((await user.json(0, 'status')).result.status).toMatch(/_COMPLETE$/)
  const refused = await user.json(77, 'query', 'select * from raw_data.stg_bookings')
  expect(refused.error?.message).toContain('stg_bookings')
  await root.expectSame(SMALL_AS_OF)
})
