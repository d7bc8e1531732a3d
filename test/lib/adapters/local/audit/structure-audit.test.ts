import { expect, test } from 'vitest'
import { auditStructure } from '../../../../../src/lib/adapters/local/audit/structure-audit.js'
import { emptyWarehouse } from '../../../../support/memory-database.js'

test('a warehouse as it was made is as the model has it', async () => {
  const db = await emptyWarehouse()
  expect(await auditStructure(db)).toMatchObject({ name: 'structure_as_defined', status: 'pass', bad_rows: 0 })
})

test.each([
  [
    'alter table raw_data.stg_bookings add column tip double',
    { column: 'tip', problem: 'is a column that does not belong here' },
  ],
  ['alter table raw_data.stg_bookings drop column num_guests', { column: 'num_guests', problem: 'is missing' }],
  [
    'alter table curated.fact_bookings alter total_price type double',
    { name: 'curated.fact_bookings', column: 'total_price', problem: 'is DOUBLE instead of DECIMAL(10,2)' },
  ],
  ['create macro main.mod(a, b) as 0', { name: 'main.mod', problem: 'is a function that does not belong here' }],
  [
    'create macro curated.f(a) as table select a',
    { name: 'curated.f', problem: 'is a function that does not belong here' },
  ],
  [
    'create view presentation.mine as select 1 as a',
    { name: 'presentation.mine', problem: 'is a view that does not belong here' },
  ],
  ['create table curated.mine (a integer)', { name: 'curated.mine', problem: 'is a table that does not belong here' }],
  [`create type curated.mood as enum ('a')`, { name: 'curated.mood', problem: 'is a type that does not belong here' }],
  ['create sequence raw_data.s', { name: 'raw_data.s', problem: 'is a sequence that does not belong here' }],
])('%s is found', async (statement, problem) => {
  const db = await emptyWarehouse()
  await db.run(statement)
  const { status, sample } = await auditStructure(db)
  expect(status).toBe('fail')
  expect(sample).toContainEqual(expect.objectContaining(problem))
})

test('a curated table in whose place stands a view of it is found', async () => {
  const db = await emptyWarehouse()
  await db.run('alter table curated.dim_users rename to hidden')
  await db.run('create view curated.dim_users as select * from curated.hidden')
  const { sample } = await auditStructure(db)
  expect(sample).toContainEqual({ name: 'curated.dim_users', problem: 'is a view that does not belong here' })
})
