import { expect, test } from 'vitest'
import { isServiceError, jobRun, taskFailure } from '../../../../../src/lib/adapters/aws/runs/job-failure.js'

const NEXT = ['rental-etl resume r-1', 'rental-etl logs r-1 --failed']
const of = (error: string, cause: string | object) =>
  taskFailure({ error, cause: typeof cause === 'string' ? cause : JSON.stringify(cause) }, undefined, 'r-1')

test.each([
  ['States.TaskFailed', { JobRunState: 'FAILED', ErrorMessage: 'JobError: no' }, 'JOB_FAILED', 'JobError: no', NEXT],
  [
    'States.TaskFailed',
    { JobName: 'j', JobRunState: 'TIMEOUT', ErrorMessage: 'Job run exceeded timeout' },
    'JOB_FAILED',
    'job j ended as TIMEOUT: Job run exceeded timeout',
    NEXT,
  ],
  ['States.TaskFailed', { JobName: 'j', JobRunState: 'ERROR' }, 'JOB_FAILED', 'job j ended as ERROR', NEXT],
  ['JobNotSucceeded', { JobName: 'j', JobRunState: 'STOPPED' }, 'JOB_FAILED', 'job j was stopped', NEXT],
  ['States.Timeout', '', 'JOB_FAILED', 'States.Timeout', NEXT],
  ['States.TaskFailed', 'password=geheim', 'JOB_FAILED', 'States.TaskFailed: password=***', NEXT],
  [
    'Glue.EntityNotFoundException',
    'no such job',
    'NOT_FOUND',
    'Glue.EntityNotFoundException: no such job',
    ['rental-etl bootstrap   # makes the job anew', ...NEXT],
  ],
  [
    'Glue.AccessDeniedException',
    'not allowed',
    'ACCESS',
    'Glue.AccessDeniedException: not allowed',
    ['rental-etl bootstrap   # gives the workflow its rights anew', ...NEXT],
  ],
])('%s, %j', (error, cause, code, message, suggestions) => {
  expect(of(error, cause)).toEqual({ code, message, suggestions })
})

test('what the job itself said comes first, with its own commands where it has any', () => {
  const said = { code: 'SOURCE_SCHEMA' as const, message: 'no column id', suggestions: [] }
  const end = { error: 'States.TaskFailed', cause: '{"JobRunState":"FAILED","ErrorMessage":"SystemExit: 1"}' }
  expect(taskFailure(end, said, 'r-1')).toEqual({ ...said, suggestions: NEXT })
  expect(taskFailure(end, { ...said, suggestions: ['x'] }, 'r-1').suggestions).toEqual(['x'])
})

test('a service is not the job', () => {
  expect([isServiceError({ error: 'Glue.X' }), isServiceError({ error: 'States.TaskFailed' })]).toEqual([true, false])
  expect([jobRun('null'), jobRun('x'), jobRun('{"a":1}')]).toEqual([undefined, undefined, undefined])
})
