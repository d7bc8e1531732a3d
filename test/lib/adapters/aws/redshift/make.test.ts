import { expect, test } from 'vitest'
import { WarehouseMaker } from '../../../../../src/lib/adapters/aws/redshift/make.js'

const place = { workgroup: 'rental', database: 'dev' }
const never = new AbortController().signal

/** A Data API that runs what it is given, or fails with these words. */
function maker(failure?: string): { maker: WarehouseMaker; sent: string[][] } {
  const sent: string[][] = []
  const send = async (command: { input: { Sql?: string; Sqls?: string[]; Id?: string } }) => {
    const { Sql, Sqls, Id } = command.input
    if (Id === undefined) sent.push(Sqls ?? [Sql ?? ''])
    if (Id === undefined) return { Id: 'x' }
    return failure === undefined ? { Status: 'FINISHED' } : { Status: 'FAILED', Error: `ERROR: ${failure}` }
  }
  return { maker: new WarehouseMaker(place, { redshift: async () => ({ send }) as never }), sent }
}

test('statements of one transaction, and a role, as they are', async () => {
  const { maker: made, sent } = maker()
  await made.send(['create schema a', 'create schema b'], never)
  await made.role('load"er', never)
  expect(sent).toEqual([['create schema a', 'create schema b'], ['create role "load""er"']])
})

test('a role that is there is as it should be; what else is wrong is told', async () => {
  await maker('role "loader" already exists').maker.role('loader', never)
  await expect(maker('permission denied to create role').maker.role('loader', never)).rejects.toMatchObject({
    code: 'ACCESS',
    suggestions: [expect.stringContaining('redshift.secret')],
  })
  await expect(maker('must be owner of relation stg_bookings').maker.send(['x', 'y'], never)).rejects.toMatchObject({
    code: 'ACCESS',
  })
  await expect(maker('syntax error at or near "x"').maker.send(['x', 'y'], never)).rejects.toMatchObject({
    code: 'JOB_FAILED',
    message:
      'Redshift (workgroup rental, database dev) does not take what makes the warehouse: syntax error at or near "x"',
  })
})
