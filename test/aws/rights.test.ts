import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { beforeAll, expect, test } from 'vitest'
import { settings } from '../emulator/support.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { operatorPolicy } from './operator-policy.js'
import { sharedOperator } from './pipeline-support.js'

// Signatures are checked and policies decide: jobs, workflow, schedule and Redshift have the template's own roles.
const shared = sharedOperator({ auth: true, waits: 0.05 })
let outputs: Record<string, string>

beforeAll(async () => {
  outputs = (await shared.operator.json(0, 'bootstrap', '--yes')).result.outputs
})

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
  const user = shared.operator.as(keys)
  // The database knows a user from the first call on; who owns the tables lets it read, as docs/aws.md says.
  expect((await user.json(77, 'query', 'select 1 as one')).error?.message).toContain('IAM:operator')
  await shared.operator.grant('grant role analysts to "IAM:operator"')
  const ran = await user.json(0, 'run', '--as-of', SMALL_AS_OF)
  expect(ran.result.status).toBe('succeeded')
  expect((await user.json(0, 'metrics', 'occupancy', '--all')).result.rows.length).toBeGreaterThan(0)
  expect((await user.json(0, 'runs')).result.rows).toHaveLength(1)
  expect((await user.json(0, 'status')).result.status).toMatch(/_COMPLETE$/)
  const refused = await user.json(77, 'query', 'select * from raw_data.stg_bookings')
  expect(refused.error?.message).toContain('stg_bookings')
  await shared.operator.expectSame(SMALL_AS_OF)
})
