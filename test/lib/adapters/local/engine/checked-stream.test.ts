import { describe, expect, test } from 'vitest'
import { streamChecked } from '../../../../../src/lib/adapters/local/engine/checked-stream.js'
import { memoryDatabase } from '../../../../support/memory-database.js'
import { readAll } from '../../../../support/read-all.js'

const ROWS = 2_000_000
const FAILS_LATE = `select case when n = ${ROWS - 1} then cast('x' || n as integer) else 1 end as n from range(${ROWS}) t(n)`

describe('streamChecked', () => {
  test('all rows, and the connection is free for the next', async () => {
    const db = await memoryDatabase()
    for (const rows of [0, 3, 5000]) {
      const stream = await streamChecked(db, `select cast(n as integer) as n from range(${rows}) t(n)`)
      expect(stream.columns).toEqual([{ name: 'n', type: 'INTEGER' }])
      expect((await readAll(stream)).rows.length).toBe(rows)
    }
    await db.run('begin transaction')
    await db.run('rollback')
  })

  test('a statement that fails after its first rows says so, and never looks complete', async () => {
    const db = await memoryDatabase()
    // Several threads would meet the last row at once.
    await db.run('set threads = 1')
    const { chunks } = await streamChecked(db, FAILS_LATE)
    let read = 0
    const all = async (): Promise<void> => {
      for await (const chunk of chunks) read += chunk.length
    }
    await expect(all()).rejects.toThrow(/Conversion Error: Could not convert string 'x1999999' to INT32/)
    expect(read).toBeGreaterThan(0)
    expect(read).toBeLessThan(ROWS)
    expect((await readAll(await streamChecked(db, 'select 1 as n'))).rows).toEqual([[1]])
  })

  test('one that does not bind fails at once', async () => {
    const db = await memoryDatabase()
    await expect(streamChecked(db, 'select none_such')).rejects.toThrow(/none_such/)
    expect((await readAll(await streamChecked(db, 'select 1 as n'))).rows).toEqual([[1]])
  })

  test('an abort while rows are read ends with its reason', async () => {
    const abort = new AbortController()
    const db = await memoryDatabase(abort.signal)
    const stream = await streamChecked(db, `select n from range(${ROWS}) t(n)`)
    const rows = stream.chunks[Symbol.asyncIterator]()
    await rows.next()
    abort.abort(new Error('stopped'))
    const rest = async (): Promise<void> => {
      while (!(await rows.next()).done);
    }
    await expect(rest()).rejects.toThrow('stopped')
  })

  test('whoever stops early leaves no transaction behind', async () => {
    const db = await memoryDatabase()
    for await (const _ of (await streamChecked(db, `select n from range(${ROWS}) t(n)`)).chunks) break
    await db.run('begin transaction')
    await db.run('rollback')
  })
})
