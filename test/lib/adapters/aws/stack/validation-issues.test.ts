import { expect, test } from 'vitest'
import { failureReason } from '../../../../../src/lib/adapters/aws/stack/validation-issues.js'

const signal = new AbortController().signal
const POINTS = 'Validation failed with 1 error(s). Call DescribeEvents to retrieve the full list of issues'
const asks = (answer: () => object) => ({ send: async () => answer() }) as never

test('what the validation found is told, each with its resource', async () => {
  const OperationEvents = [
    { EventType: 'STACK_EVENT' },
    { LogicalResourceId: 'Bucket', ValidationStatusReason: "'lake' already exists." },
    { LogicalResourceId: 'LoadRole', ValidationStatusReason: 'another' },
  ]
  expect(
    await failureReason(
      asks(() => ({ OperationEvents })),
      { stack: 's', reason: POINTS },
      signal,
    ),
  ).toBe("Bucket: 'lake' already exists.; LoadRole: another")
})

test('where there is nothing more, or who asks may not know it, it stays as it is', async () => {
  const refuses = asks(() => {
    throw new Error('no')
  })
  for (const [client, reason] of [
    [asks(() => ({})), POINTS],
    [refuses, POINTS],
    [refuses, 'Topic: Resource creation cancelled'],
  ] as const)
    expect(await failureReason(client, { stack: 's', reason }, signal)).toBe(reason)
})
