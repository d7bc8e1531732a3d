import { type CloudFormationClient, DescribeEventsCommand } from '@aws-sdk/client-cloudformation'

/**
 * Why a stack failed. What CloudFormation finds before it makes anything, such as a name that is taken, it tells elsewhere:
 * the stack's own events only name the call that does.
 * @param reason what the first event that failed says
 */
export async function failureReason(
  client: Pick<CloudFormationClient, 'send'>,
  { stack, reason }: { stack: string; reason: string },
  signal: AbortSignal,
): Promise<string> {
  if (!reason.includes('DescribeEvents')) return reason
  const command = new DescribeEventsCommand({ StackName: stack, Filters: { FailedEvents: true } })
  // Whoever may not ask is told what there is.
  const { OperationEvents = [] } = await client.send(command, { abortSignal: signal }).catch(() => ({}) as never)
  const issues = OperationEvents.flatMap(({ LogicalResourceId, ValidationStatusReason }) =>
    ValidationStatusReason === undefined ? [] : `${LogicalResourceId}: ${ValidationStatusReason}`,
  )
  return issues.length > 0 ? issues.join('; ') : reason
}
