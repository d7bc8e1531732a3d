import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { expect } from 'vitest'
import type { Box } from '../emulator/box.js'
import { settings } from '../emulator/support.js'
import { operatorPolicy } from './operator-policy.js'
import type { Operator } from './pipeline-support.js'

const NAME = 'operator'

export interface Policy {
  Version: string
  Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[]
}

export interface Keys extends Record<string, string> {
  AWS_ACCESS_KEY_ID: string
  AWS_SECRET_ACCESS_KEY: string
}

/** A user of the box who has the policy that docs/aws.md prints, and nothing else. */
export async function operatorUser(
  box: Box,
  outputs: Record<string, string>,
): Promise<{ keys: Keys; policy: Policy; grant(given: Policy): Promise<void> }> {
  const iam = new IAMClient(settings(box))
  await iam.send(new CreateUserCommand({ UserName: NAME }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: NAME }))
  const keys = {
    AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId as string,
    AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey as string,
  }
  const policy: Policy = JSON.parse(operatorPolicy(outputs, box))
  const grant = async (given: Policy): Promise<void> => {
    const PolicyDocument = JSON.stringify(given)
    await iam.send(new PutUserPolicyCommand({ UserName: NAME, PolicyName: NAME, PolicyDocument }))
  }
  await grant(policy)
  return { keys, policy, grant }
}

/**
 * The operator of a box whose stack is there, as that user, who may read all of the warehouse. Signatures have to be checked
 * in the box, else every user may do everything.
 */
export async function asOperatorUser(
  shared: { box: Box; operator: Operator },
  outputs: Record<string, string>,
): Promise<Operator> {
  const { keys } = await operatorUser(shared.box, outputs)
  const user = shared.operator.as(keys)
  // The database knows a user from the first call on; then who owns the tables lets it read, as docs/aws.md says.
  expect((await user.json(77, 'query', 'select 1 as one')).error?.message).toContain(`IAM:${NAME}`)
  for (const right of ['role analysts', 'usage on schema raw_data', 'select on all tables in schema raw_data'])
    await shared.operator.grant(`grant ${right} to "IAM:${NAME}"`)
  return user
}
