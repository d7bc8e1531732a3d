import { expect, test } from 'vitest'
import { awsError, isNamed } from '../../../../src/lib/adapters/aws/errors.js'
import { EtlError } from '../../../../src/lib/core/errors.js'

const call = {
  service: 'Step Functions',
  action: 'StartExecution',
  place: { profile: 'night shift', region: 'eu-west-1' },
}

function thrown(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more })
}

const told = (error: Error): unknown => {
  const found = awsError(error, call)
  return found instanceof EtlError ? [found.exitCode, found.message, found.suggestions[0] ?? ''] : found
}

test('a right that is missing is told with its action and resource', () => {
  const message =
    'User: arn:aws:sts::123456789012:assumed-role/Ops/me is not authorized to perform: states:StartExecution on resource: arn:aws:states:eu-west-1:123456789012:stateMachine:W because no identity-based policy allows the states:StartExecution action'
  expect(told(thrown('AccessDeniedException', message))).toEqual([
    77,
    'arn:aws:sts::123456789012:assumed-role/Ops/me may not states:StartExecution on arn:aws:states:eu-west-1:123456789012:stateMachine:W',
    'rental-etl doctor   # what this user may do, and what is missing',
  ])
  expect(told(thrown('AccessDenied', 'Access Denied'))).toEqual([
    77,
    'Step Functions refuses StartExecution: Access Denied',
    'rental-etl doctor   # what this user may do, and what is missing',
  ])
  expect(told(thrown('Unknown', 'UnknownError', { $metadata: { httpStatusCode: 403 } }))).toEqual([
    77,
    expect.stringContaining('UnknownError'),
    expect.any(String),
  ])
})

test.each([
  ['ExpiredTokenException', 'The security token included in the request is expired', 'the credentials have expired: '],
  ['CredentialsProviderError', 'Could not load credentials from any providers', 'there are no credentials'],
  ['InvalidClientTokenId', 'The security token is invalid', 'the credentials are not taken: '],
  ['Error', 'Token is expired. To refresh this SSO session run aws sso login', 'the credentials have expired: '],
])('%s: credentials are asked for anew, for the profile', (name, message, text) => {
  expect(told(thrown(name, message))).toEqual([
    77,
    expect.stringContaining(`Step Functions: ${text}`),
    "aws sso login --profile 'night shift'   # or new keys in the environment",
  ])
})

test('what is not reached, and what is asked too often, is trouble with the surroundings', () => {
  expect(told(thrown('Error', 'connect ECONNREFUSED 127.0.0.1:4566', { code: 'ECONNREFUSED' }))).toEqual([
    74,
    'Step Functions cannot be reached (region eu-west-1): connect ECONNREFUSED 127.0.0.1:4566',
    'rental-etl doctor',
  ])
  expect(told(thrown('ThrottlingException', 'Rate exceeded'))).toEqual([
    74,
    expect.stringContaining('takes no more calls'),
    '',
  ])
  expect(told(thrown('Error', 'Region is missing'))).toEqual([
    64,
    'no region is given for Step Functions',
    expect.stringContaining('AWS_REGION'),
  ])
})

test('what a service says of the call itself, a stop, and what is ours already, stay as they are', () => {
  const own = new EtlError('no', { code: 'LOCKED' })
  for (const error of [thrown('ExecutionAlreadyExists', 'taken'), thrown('AbortError', 'stop'), own])
    expect(awsError(error, call)).toBe(error)
  expect(isNamed(thrown('StackNotFound', ''), 'A', 'StackNotFound')).toBe(true)
  expect(isNamed('StackNotFound', 'StackNotFound')).toBe(false)
})
