import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EtlError } from '../../../src/lib/core/errors.js'
import type { Cell, ResultStream } from '../../../src/lib/ports/warehouse.js'
import { type ShowOptions, showTable } from '../../../src/lib/shell/show-table.js'

let printed: string[]
beforeEach(() => {
  printed = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text, done) => {
    printed.push(String(text))
    ;(done as unknown as () => void)()
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const failure = new EtlError('interrupted', { code: 'SQL_ERROR', suggestions: ['again'] })

function streamOf(chunks: Cell[][][], error?: unknown): ResultStream {
  return {
    columns: [
      { name: 'week', type: 'DATE' },
      { name: 'n', type: 'BIGINT' },
    ],
    chunks: (async function* () {
      yield* chunks
      if (error !== undefined) throw error
    })(),
  }
}

function options(output: ShowOptions['output']): ShowOptions & { noted: string[]; exit: string } {
  const kept = {
    output,
    noted: [] as string[],
    exit: 'ok',
    signal: new AbortController().signal,
    parts: () => ({
      command: 'metrics',
      runId: 'r-1',
      warnings: ['w'],
      next: ['rental-etl runs'],
      exit: kept.exit as 'ok',
    }),
    failure: async (thrown: unknown) => ({
      exit: 'usage' as const,
      error: { code: 'SQL_ERROR' as const, message: (thrown as Error).message, suggestions: ['again'] },
    }),
    setExit: (name: string) => {
      kept.exit = name
    },
    note: (text: string) => {
      kept.noted.push(text)
    },
  }
  return kept
}

const HEAD = { schema: 'rental-etl/metrics/1', command: 'metrics', run_id: 'r-1' }
const COLUMNS = [
  { name: 'week', type: 'DATE' },
  { name: 'n', type: 'BIGINT' },
]
const TAIL = { warnings: ['w'], next: ['rental-etl runs'] }

describe('as JSON', () => {
  test('one envelope, printed at once', async () => {
    await showTable(streamOf([[['2026-05-04', '7']], [['2026-05-11', null]]]), options('json'))
    expect(printed.length).toBe(1)
    expect(printed[0]?.endsWith('}\n')).toBe(true)
    expect(JSON.parse(printed.join(''))).toEqual({
      ...HEAD,
      status: 'ok',
      result: {
        columns: COLUMNS,
        rows: [
          { week: '2026-05-04', n: '7' },
          { week: '2026-05-11', n: null },
        ],
      },
      ...TAIL,
      exit: { code: 0, name: 'ok' },
    })
  })

  test('an error before anything was printed takes the place of the result', async () => {
    await expect(showTable(streamOf([[['2026-05-04', '7']]], failure), options('json'))).rejects.toBe(failure)
    expect(printed).toEqual([])
  })

  test('one after much was printed ends it as valid JSON, with the error and its exit code', async () => {
    const rows: Cell[][] = Array.from({ length: 60_000 }, (_, n) => ['2026-05-04', String(n)])
    const kept = options('json')
    await showTable(streamOf([rows, [['2026-05-11', '1']]], failure), kept)
    const { result, ...rest } = JSON.parse(printed.join(''))
    expect(printed.length).toBeGreaterThan(1)
    expect(rest).toEqual({
      ...HEAD,
      status: 'error',
      error: { code: 'SQL_ERROR', message: 'interrupted', suggestions: ['again'] },
      ...TAIL,
      exit: { code: 64, name: 'usage' },
    })
    expect(result.columns).toEqual(COLUMNS)
    expect([result.rows.length, result.rows.at(-1)]).toEqual([60_001, { week: '2026-05-11', n: '1' }])
    expect(kept.exit).toBe('usage')
  })
})

test('other forms are printed as they come, and what was left out is noted', async () => {
  const kept = { ...options('csv'), footer: '3 more' }
  await showTable(streamOf([[['2026-05-04', '7']]]), kept)
  expect(printed.join('')).toBe('week,n\n2026-05-04,7\n')
  expect(kept.noted).toEqual(['3 more'])
  await expect(showTable(streamOf([], failure), options('csv'))).rejects.toBe(failure)
})

test('Ctrl-C is heard while a large result that is all there is written', async () => {
  for (const output of ['table', 'csv'] as const) {
    printed = []
    const stop = new AbortController()
    const rows: Cell[][] = Array.from({ length: 100_000 }, (_, n) => ['2026-05-04', String(n)])
    const shown = showTable(streamOf([rows]), { ...options(output), signal: stop.signal })
    setTimeout(() => stop.abort(failure), 1)
    await expect(shown).rejects.toBe(failure)
    expect(printed.join('').split('\n').length).toBeLessThan(90_000)
  }
})

test('as JSON what was written when Ctrl-C came is closed, and says so', async () => {
  const stop = new AbortController()
  const rows: Cell[][] = Array.from({ length: 200_000 }, (_, n) => ['2026-05-04', String(n)])
  const stream = streamOf([rows.slice(0, 80_000), rows])
  const chunks = (async function* () {
    for await (const chunk of stream.chunks) {
      yield chunk
      stop.abort(failure)
    }
  })()
  await showTable({ columns: stream.columns, chunks }, { ...options('json'), signal: stop.signal })
  expect(JSON.parse(printed.join(''))).toMatchObject({ status: 'error', exit: { code: 64 } })
})

test('programs get every value as it is, people see what it holds', async () => {
  const odd = () => streamOf([[['\u001b[2J\u202e', '1']]])
  const shown: string[] = []
  for (const output of ['csv', 'jsonl', 'table', 'md'] as const) {
    printed = []
    await showTable(odd(), options(output))
    shown.push(printed.join('').trimEnd().split('\n').at(-1) as string)
  }
  expect(shown).toEqual([
    '\u001b[2J\u202e,1',
    '{"week":"\\u001b[2J\u202e","n":"1"}',
    '\\u001b[2J\\u202e  1',
    '| \\u001b[2J\\u202e | 1 |',
  ])
})

test('a JSON result says more of itself where it is told to', async () => {
  await showTable(streamOf([]), { ...options('json'), result: { as_of: '2026-05-03' } })
  expect(JSON.parse(printed.join('')).result).toEqual({ as_of: '2026-05-03', columns: COLUMNS, rows: [] })
})
