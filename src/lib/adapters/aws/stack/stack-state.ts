import type { Stack as StackDescription } from '@aws-sdk/client-cloudformation'
import { EtlError } from '../../../core/errors.js'
import { shellWord } from '../../../core/words/shell-word.js'
import type { StackPlan, StackStatus } from '../../../ports/stack.js'

export function describedAs(stack: string, found: StackDescription | undefined): StackStatus {
  const outputs = (found?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])
  const parameters = (found?.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
    ParameterKey,
    ParameterValue,
  ])
  return {
    stack,
    status: found?.StackStatus ?? null,
    outputs: Object.fromEntries(outputs),
    parameters: Object.fromEntries(parameters),
  }
}

/** Why a stack in this state takes no change, and what to type; undefined where it does. */
export function unfit({ stack, status }: Pick<StackPlan, 'stack' | 'status'>): EtlError | undefined {
  const name = shellWord(stack)
  if (status === null || status === 'REVIEW_IN_PROGRESS') return undefined
  if (status === 'ROLLBACK_COMPLETE' || status === 'ROLLBACK_FAILED' || status === 'DELETE_FAILED') {
    return new EtlError(
      `stack ${stack} is ${status}: making it failed, and CloudFormation takes no change of it; it has to be removed first`,
      {
        code: 'CONFIG_INVALID',
        suggestions: [
          `aws cloudformation describe-stack-events --stack-name ${name}   # what failed`,
          `aws cloudformation delete-stack --stack-name ${name}   # then rental-etl bootstrap`,
        ],
      },
    )
  }
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return new EtlError(`stack ${stack} is ${status}: an update could not be taken back`, {
      code: 'CONFIG_INVALID',
      suggestions: [`aws cloudformation continue-update-rollback --stack-name ${name}   # then rental-etl bootstrap`],
    })
  }
  if (!status.endsWith('_IN_PROGRESS')) return undefined
  return new EtlError(`stack ${stack} is ${status}: another change of it goes on`, {
    code: 'LOCKED',
    suggestions: ['rental-etl status'],
  })
}

/** The error of what CloudFormation refuses before it does anything. */
export function notTaken(error: Error, stack: string): EtlError {
  return new EtlError(`stack ${stack}: ${error.message}`, {
    code: 'CONFIG_INVALID',
    suggestions: ['rental-etl bootstrap --dry-run   # the parameters that are given'],
    cause: error,
  })
}

/** The error of a stack that did not become what it should, and what takes it on from the state that it is left in. */
export function failed(message: string, stack: string, status: string | null = null): EtlError {
  const next = unfit({ stack, status })?.suggestions ?? [
    `aws cloudformation describe-stack-events --stack-name ${shellWord(stack)}   # what failed`,
    'rental-etl bootstrap',
  ]
  // Names of buckets are those of all accounts.
  const taken = /bucket/i.test(message) && /already exists/i.test(message)
  const other = [
    'rental-etl config explain bucket   # that name is taken: give the target another one, in rental-etl.yml',
  ]
  return new EtlError(message, { code: 'JOB_FAILED', suggestions: taken ? [...other, ...next] : next })
}
