import { expect, test } from 'vitest'
import { runScript } from '../../../../../src/lib/adapters/local/engine/run-script.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'
import { guard, type Step } from '../../../../../src/lib/core/sql/script.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

const MAKE: Step = { name: 'make', sql: 'create table t as select {{from}} as n' }
const ADD: Step = { name: 'add', sql: 'insert into t values ({{more}})' }
const READ: Step = { name: 'read', sql: 'select n from t order by n', reads: true }

test('the steps run in their order, with what the run brings, and the one that reads gives its rows', async () => {
  const db = await memoryDatabase()
  const balanced = guard('balance', 'count(*) = 2', 't does not balance', 't')
  expect(await runScript(db, [MAKE, ADD, balanced, READ, { ...ADD, name: 'late' }], { from: '2', more: '1' })).toEqual([
    { n: 1 },
    { n: 2 },
  ])
  expect(await db.count('select count(*) from t')).toBe(3)
})

test('a script that reads nothing gives nothing', async () => {
  expect(await runScript(await memoryDatabase(), [MAKE], { from: '1' })).toEqual([])
})

test('a guard that does not hold ends it, and the transaction keeps nothing', async () => {
  const db = await memoryDatabase()
  await runScript(db, [MAKE], { from: '1' })
  const steps = [ADD, guard('balance', 'count(*) = 1', 'raw does not balance', 't'), ADD]
  const failed = db.transaction(() => runScript(db, steps, { more: '2' }))
  await expect(failed).rejects.toBeInstanceOf(EtlError)
  await expect(failed).rejects.toMatchObject({
    code: 'UNBALANCED',
    message: 'raw does not balance; nothing was changed',
    suggestions: ['rental-etl run --full-refresh'],
  })
  expect(await db.count('select count(*) from t')).toBe(1)
})

test('another error of a step, be it a guard, is told as it is', async () => {
  const db = await memoryDatabase()
  const lost = guard('lost', 'count(*) = 0', 'none is left', 'gone')
  await expect(runScript(db, [lost], {})).rejects.toThrow(/gone does not exist/)
  await expect(runScript(db, [MAKE], {})).rejects.toThrow('make asks for {{from}}, which has no value')
})
