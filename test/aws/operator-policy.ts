import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The rights of that policy that a run needs from its start to its removal; test/aws/runs-rights.test.ts tries each. */
export const RUN_RIGHTS = [
  'states:StartExecution',
  'states:ListExecutions',
  'states:DescribeExecution',
  'states:GetExecutionHistory',
  'states:StopExecution',
  'glue:GetJobRun',
  'glue:GetJobRuns',
  'glue:BatchStopJobRun',
  'logs:FilterLogEvents',
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  's3:ListBucket',
] as const

/** The policy of docs/aws.md for whoever runs and reads, with the names of a stack in it. */
export function operatorPolicy(
  outputs: Record<string, string>,
  { region, account }: { region: string; account: string },
): string {
  const text = readFileSync(fileURLToPath(new URL('../../docs/aws.md', import.meta.url)), 'utf8')
  const block = /<!-- validated: operator policy -->\n```json\n([\s\S]*?)```/.exec(text)?.[1]
  if (block === undefined) throw new Error('docs/aws.md prints no policy')
  return block
    .replaceAll('REGION', region)
    .replaceAll('ACCOUNT', account)
    .replaceAll('BUCKET', outputs['Bucket'] ?? '')
    .replaceAll('STACK', 'rental-etl')
}
