import { expect, test } from 'vitest'
import {
  callError,
  isMissing,
  ownSqlError,
  StatementFailed,
  userSqlError,
} from '../../../../../src/lib/adapters/aws/redshift/errors.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'

const PLACE = { workgroup: 'rental', database: 'dev' }
const failed = (said: string): StatementFailed => new StatementFailed(said, 0, PLACE)

test.each([
  'relation "curated.build" does not exist',
  'column "run_id" does not exist in build',
  'schema "curated" does not exist',
  'function f(integer) does not exist',
  'cannot cast type date to integer',
  'invalid input syntax for type integer: "x"',
])('a statement of ours that says %s finds tables that somebody changed', (said) => {
  const error = ownSqlError(failed(said), undefined)
  expect(error).toMatchObject({ code: 'WAREHOUSE_STRUCTURE', message: expect.stringContaining(said) })
  expect(error.message).toContain('workgroup rental, database dev')
})

test('a statement of ours that fails otherwise is a failure of Redshift', () => {
  const said = 'Assert code: 1000 context: !'
  expect(ownSqlError(failed(said), undefined)).toMatchObject({ code: 'IO', message: expect.stringContaining(said) })
})

test('a user is told what Redshift says, with its lines', () => {
  const said = 'column "nope" does not exist in build\n  Hint: look'
  expect(userSqlError(failed(said), undefined)).toMatchObject({ code: 'SQL_ERROR', exit: 'usage', message: said })
})

test.each([
  [
    'permission denied for relation dim_dates',
    'curated.dim_dates',
    'grant usage on schema curated to "IAM:ann"; grant select on curated.dim_dates to "IAM:ann";',
  ],
  ['permission denied for table dim_dates', 'curated.dim_dates', 'grant select on curated.dim_dates to'],
  [
    'permission denied for view vw_top_listings_weekly',
    'presentation.vw_top_listings_weekly',
    'grant select on presentation.vw_top_listings_weekly',
  ],
  ['permission denied for relation load_rejects', 'raw_data.load_rejects', 'grant select on raw_data.load_rejects'],
  ['permission denied for schema raw_data', 'schema raw_data', 'grant usage on schema raw_data to "IAM:ann";   --'],
  ['permission denied for relation theirs', 'relation theirs', 'grant select on theirs to "IAM:ann";'],
])('%s is told with the user, the relation, and what to grant', (said, named, grant) => {
  for (const told of [ownSqlError, userSqlError]) {
    const error = told(failed(said), 'IAM:ann')
    expect(error).toMatchObject({ code: 'ACCESS', exit: 'access' })
    expect(error.message).toContain(`the user IAM:ann of the database may not read ${named}`)
    expect(error.suggestions.join('\n')).toContain(grant)
  }
})

test('where the user cannot be asked for, the grant says where it stands', () => {
  expect(ownSqlError(failed('permission denied for relation build'), undefined).suggestions[0]).toMatch(
    /^grant usage on schema curated to USER; grant select on curated\.build to USER;/,
  )
})

test.each([
  ['The size of a row in the result exceeds 64 KB', 'IO', 'larger than 64 kB'],
  ['Query result size exceeds the limit of 500 MB', 'IO', '500 MB'],
  ['FATAL: database "nope" does not exist', 'CONFIG_INVALID', 'nope'],
  ['FATAL: password authentication failed for user "etl"', 'ACCESS', 'etl'],
  ['Disk Full', 'IO', 'Disk Full'],
  ['1023 DETAIL: Serializable isolation violation on a table in Redshift', 'IO', '1023'],
])('%s is not the mistake of who asked', (said, code, named) => {
  for (const told of [ownSqlError, userSqlError])
    expect(told(failed(said), undefined)).toMatchObject({ code, message: expect.stringContaining(named) })
})

test.each([
  'column "connection closed" does not exist',
  'invalid input syntax for integer: "permission denied for relation build"',
  `invalid input syntax for integer: "disk full, 64 KB"`,
  'relation "timeout" does not exist',
])('words that a statement holds itself are no failure of the surroundings: %s', (said) => {
  expect(userSqlError(failed(said), undefined)).toMatchObject({ code: 'SQL_ERROR', message: said })
})

test('a missing relation is known from a missing column', () => {
  expect(isMissing(failed('relation "raw_data.schema_version" does not exist'))).toBe(true)
  expect(isMissing(failed('schema "raw_data" does not exist'))).toBe(true)
  expect(isMissing(failed('column "version" does not exist in schema_version'))).toBe(false)
})

test('an error of a call is translated once, and what is none of the service stays', () => {
  const named = (name: string, message: string): Error => Object.assign(new Error(message), { name })
  expect(callError(named('ValidationException', "Cluster doesn't exist in this region."), PLACE)).toMatchObject({
    code: 'CONFIG_INVALID',
  })
  expect(callError(named('ResourceNotFoundException', 'Query does not have result.'), PLACE)).toMatchObject({
    code: 'SQL_ERROR',
    message: 'the statement gives no rows',
  })
  expect(callError(named('ResourceNotFoundException', 'Query does not exist.'), PLACE)).toMatchObject({
    message: expect.stringContaining('24 hours'),
  })
  expect(callError(named('InternalServerException', 'oops'), PLACE)).toMatchObject({ code: 'IO' })
  for (const own of [new EtlError('x', { code: 'ACCESS' }), failed('x'), new TypeError('x'), 'x'])
    expect(callError(own, PLACE)).toBe(own)
})
