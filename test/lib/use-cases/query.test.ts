import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openLocalWarehouse } from '../../../src/lib/adapters/local/warehouse/warehouse.js'
import type { Cell } from '../../../src/lib/ports/warehouse.js'
import { queryText, runQuery } from '../../../src/lib/use-cases/query.js'
import { readAll } from '../../support/read-all.js'
import { smallWarehouse } from '../../support/small-warehouse.js'
import { temporaryFolder } from '../../support/temporary.js'

const { home } = smallWarehouse()

async function query(sql: string, limit?: number): Promise<{ columns: string[]; rows: Cell[][] }> {
  await using warehouse = await openLocalWarehouse(home())
  return await readAll(await runQuery(warehouse, sql, limit))
}

async function* piped(...parts: string[]): AsyncGenerator<Buffer, void> {
  for (const part of parts) yield Buffer.from(part)
}

describe('where the SQL stands', () => {
  test('in the argument, before what is piped in is looked at', async () => {
    expect(await queryText({ sql: 'select 1', file: undefined, stdin: () => piped('select 2') })).toBe('select 1')
  })

  test('in what is piped in, with characters cut in two', async () => {
    const bytes = Buffer.from("select 'é'")
    const cut = (async function* () {
      yield bytes.subarray(0, 9)
      yield bytes.subarray(9)
    })()
    expect(await queryText({ sql: '-', file: undefined, stdin: () => cut })).toBe("select 'é'")
    expect(await queryText({ sql: undefined, file: undefined, stdin: () => piped('select ', '2') })).toBe('select 2')
  })

  test('in a file', async () => {
    const file = join(await temporaryFolder(), 'x.sql')
    await writeFile(file, '\uFEFFselect 3\n')
    expect(await queryText({ sql: undefined, file, stdin: () => piped('select 2') })).toBe('select 3\n')
  })

  test.each([
    [
      { sql: 'select 1', file: 'a.sql', stdin: () => undefined },
      'USAGE',
      'SQL is given twice: as an argument and in the file a.sql',
    ],
    [
      { sql: undefined, file: undefined, stdin: () => undefined },
      'USAGE',
      'no SQL was given: it is an argument, a file (-f FILE), or piped in',
    ],
    [{ sql: '-', file: undefined, stdin: () => piped(' \n') }, 'USAGE', 'no SQL was given: nothing was piped in'],
    [{ sql: undefined, file: 'no/such.sql', stdin: () => undefined }, 'NOT_FOUND', 'there is no file no/such.sql'],
  ])('nowhere, or in two places: %#', async (input, code, message) => {
    await expect(queryText(input)).rejects.toMatchObject({ code, message })
  })

  test('an abort ends the waiting for a pipe', async () => {
    const abort = new AbortController()
    const never = (async function* () {
      await new Promise(() => undefined)
      yield ''
    })()
    const destroy = vi.fn()
    const stdin = () => Object.assign(never, { destroy })
    const waiting = queryText({ sql: '-', file: undefined, stdin }, abort.signal)
    abort.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
    expect(destroy).toHaveBeenCalledOnce()
  })
})

test('all rows, or the first ones', async () => {
  const sql = 'select range as n from range(5000) order by n'
  expect((await query(sql)).rows).toHaveLength(5000)
  expect((await query(sql, 3000)).rows.at(-1)).toEqual(['2999'])
  expect(await query(sql, 2)).toEqual({ columns: ['n'], rows: [['0'], ['1']] })
  expect(await query(sql, 0)).toEqual({ columns: ['n'], rows: [] })
})

test('a limit stops a result that has no end', async () => {
  expect((await query('select 1 as a from range(1000000000000)', 3)).rows).toEqual([[1], [1], [1]])
})

test.each([2, 900_000])('a statement that fails after %i rows is an error, not a shorter result', async (good) => {
  const sql = `select cast(case when range >= ${good} then 'x' else '1' end as integer) as y from range(1000000)`
  await expect(query(sql)).rejects.toMatchObject({
    message: expect.stringMatching(/^Conversion Error: Could not convert string 'x' to INT32/),
    code: 'SQL_ERROR',
    exit: 'usage',
  })
})

test('a statement can follow one that was not read to its end', async () => {
  await using warehouse = await openLocalWarehouse(home())
  const { chunks } = await runQuery(warehouse, 'select range as n from range(1000000)', 1)
  for await (const chunk of chunks) expect(chunk).toEqual([['0']])
  await runQuery(warehouse, 'select 1 as never_read')
  expect((await readAll(await runQuery(warehouse, 'select 2 as b'))).rows).toEqual([[2]])
  expect(await warehouse.read({ build: 'select run_id from curated.build' })).toEqual({ build: [{ run_id: 'r2' }] })
})

test('two columns of one name', async () => {
  await expect(query('select 1 as id, 2 as b, 3 as id')).rejects.toMatchObject({
    message: 'two columns of the result are named id: give one of them another name',
    code: 'USAGE',
    exit: 'usage',
  })
})
