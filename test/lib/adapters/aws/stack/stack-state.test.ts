import { expect, test } from 'vitest'
import { describedAs, failed, unfit } from '../../../../../src/lib/adapters/aws/stack/stack-state.js'

test.each([
  [null, undefined],
  ['REVIEW_IN_PROGRESS', undefined],
  ['CREATE_COMPLETE', undefined],
  ['UPDATE_ROLLBACK_COMPLETE', undefined],
  [
    'ROLLBACK_COMPLETE',
    ['CONFIG_INVALID', "aws cloudformation delete-stack --stack-name 'my stack'   # then rental-etl bootstrap"],
  ],
  [
    'UPDATE_ROLLBACK_FAILED',
    [
      'CONFIG_INVALID',
      "aws cloudformation continue-update-rollback --stack-name 'my stack'   # then rental-etl bootstrap",
    ],
  ],
  ['UPDATE_IN_PROGRESS', ['LOCKED', 'rental-etl status']],
])('a stack that is %s', (status, expected) => {
  const error = unfit({ stack: 'my stack', status })
  expect(error && [error.code, error.suggestions.at(-1)]).toEqual(expected)
})

test('a description, and one of nothing', () => {
  expect(describedAs('s', undefined)).toEqual({ stack: 's', status: null, outputs: {}, parameters: {} })
  const found = {
    ...{ StackName: 's', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' as const },
    ...{ Outputs: [{ OutputKey: 'a', OutputValue: 'b' }], Parameters: [{ ParameterKey: 'c', ParameterValue: 'd' }] },
  }
  expect(describedAs('s', found)).toEqual({
    ...{ stack: 's', status: 'CREATE_COMPLETE', outputs: { a: 'b' }, parameters: { c: 'd' } },
  })
})

test('a failure names what shows it, and the way on', () => {
  expect(failed('no', 's', 'UPDATE_ROLLBACK_COMPLETE').suggestions).toEqual([
    'aws cloudformation describe-stack-events --stack-name s   # what failed',
    'rental-etl bootstrap',
  ])
  expect(failed('no', 's', 'ROLLBACK_COMPLETE').suggestions).toEqual([
    'aws cloudformation describe-stack-events --stack-name s   # what failed',
    'aws cloudformation delete-stack --stack-name s   # then rental-etl bootstrap',
  ])
  expect(failed('Bucket: lake already exists', 's').suggestions[0]).toContain('that name is taken')
})
