import { describe, expect, test } from 'vitest'
import type { Cell } from '../../../src/lib/ports/warehouse.js'
import { readAhead, rowStream } from '../../../src/lib/use-cases/row-stream.js'
import { readAll } from '../../support/read-all.js'

const COLUMNS = [{ name: 'n', type: 'INTEGER' }]

test('rows that are there, in one chunk; none without rows', async () => {
  expect(await readAll(rowStream(COLUMNS, [[1], [2]]))).toEqual({ columns: ['n'], rows: [[1], [2]] })
  const chunks: Cell[][][] = []
  for await (const chunk of rowStream(COLUMNS, []).chunks) chunks.push(chunk)
  expect(chunks).toEqual([])
})

describe('readAhead', () => {
  const source = (chunks: Cell[][][], error?: Error) => {
    const state = { read: 0, ended: false }
    const stream = (async function* () {
      try {
        for (const chunk of chunks) {
          state.read++
          yield chunk
        }
        if (error) throw error
      } finally {
        state.ended = true
      }
    })()
    return { state, stream: { columns: COLUMNS, chunks: stream } }
  }

  test('says whether there are rows, having read no more than the first of them', async () => {
    const { state, stream } = source([[[1]], [[2], [3]]])
    const ahead = await readAhead(stream)
    expect([ahead.isEmpty, state.read]).toEqual([false, 1])
    expect(await readAll(ahead.stream)).toEqual({ columns: ['n'], rows: [[1], [2], [3]] })
    expect(state.ended).toBe(true)
  })

  test('of none there is an empty result with its columns', async () => {
    const ahead = await readAhead(source([]).stream)
    expect(ahead.isEmpty).toBe(true)
    expect(await readAll(ahead.stream)).toEqual({ columns: ['n'], rows: [] })
  })

  test('whoever stops early ends the source, too', async () => {
    const { state, stream } = source([[[1]], [[2]], [[3]]])
    for await (const chunk of (await readAhead(stream)).stream.chunks) if (chunk[0]?.[0] === 2) break
    expect(state).toEqual({ read: 2, ended: true })
  })

  test('an error comes where it would have come', async () => {
    const ahead = await readAhead(source([[[1]]], new Error('half way')).stream)
    await expect(readAll(ahead.stream)).rejects.toThrow('half way')
    await expect(readAhead(source([], new Error('at once')).stream)).rejects.toThrow('at once')
  })
})
