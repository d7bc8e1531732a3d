import { describe, expect, test } from 'vitest'
import type { Cell, ResultColumn } from '../../../../src/lib/ports/warehouse.js'
import { tableText, writeTabular } from '../../../../src/lib/ui/tabular/index.js'
import type { TabularOptions } from '../../../../src/lib/ui/tabular/options.js'
import { toTerminal } from '../../../../src/lib/ui/terminal.js'

const COLUMNS: ResultColumn[] = [
  { name: 'id', type: 'BIGINT' },
  { name: 'title', type: 'VARCHAR' },
  { name: 'price', type: 'DECIMAL(9,2)' },
  { name: 'active', type: 'BOOLEAN' },
]
const ROWS: Cell[][] = [
  ['5508654087', 'Loft', '100.00', true],
  ['2', 'House, "with"|garden\nand shed', null, false],
  ['3', '', '0.50', null],
]
const ENDLESS = Number.POSITIVE_INFINITY

async function written(
  { color = false, ...options }: Partial<TabularOptions> & { color?: boolean },
  { columns = COLUMNS, chunks = [ROWS] }: { columns?: ResultColumn[]; chunks?: Cell[][][] } = {},
): Promise<{ text: string; rows: number }> {
  let text = ''
  const stream = {
    columns,
    chunks: (async function* () {
      yield* chunks
    })(),
  }
  const write = (chunk: string): void => {
    text += chunk
  }
  const rows = await writeTabular(stream, write, { output: 'table', width: ENDLESS, ...options })
  return { text: options.output === undefined ? toTerminal(text, { color }) : text, rows }
}

describe('forms', () => {
  test('json: columns, and rows by name', async () => {
    const { text, rows } = await written({ output: 'json' }, { chunks: [ROWS.slice(0, 1), [], ROWS.slice(1)] })
    expect(rows).toBe(3)
    expect(JSON.parse(text)).toEqual({
      columns: COLUMNS,
      rows: [
        { id: '5508654087', title: 'Loft', price: '100.00', active: true },
        { id: '2', title: 'House, "with"|garden\nand shed', price: null, active: false },
        { id: '3', title: '', price: '0.50', active: null },
      ],
    })
  })

  test('json without a row is whole', async () => {
    const { text } = await written({ output: 'json' }, { chunks: [] })
    expect(JSON.parse(text)).toEqual({ columns: COLUMNS, rows: [] })
  })

  test('jsonl: an object on each line', async () => {
    expect((await written({ output: 'jsonl' })).text.split('\n')).toEqual([
      '{"id":"5508654087","title":"Loft","price":"100.00","active":true}',
      '{"id":"2","title":"House, \\"with\\"|garden\\nand shed","price":null,"active":false}',
      '{"id":"3","title":"","price":"0.50","active":null}',
      '',
    ])
  })

  test('csv: NULL is empty, an empty text is quoted', async () => {
    expect((await written({ output: 'csv' })).text).toBe(
      'id,title,price,active\n5508654087,Loft,100.00,true\n2,"House, ""with""|garden\nand shed",,false\n3,"",0.50,\n',
    )
  })

  test('md: bars and line ends do not end a cell', async () => {
    expect((await written({ output: 'md' })).text.split('\n')).toEqual([
      '| id | title | price | active |',
      '| ---: | --- | ---: | --- |',
      '| 5508654087 | Loft | 100.00 | true |',
      '| 2 | House, "with"\\|garden\\nand shed |  | false |',
      '| 3 |  | 0.50 |  |',
      '',
    ])
  })

  test.each(['json', 'jsonl'] as const)('%s refuses two columns of one name, the others show them', async (output) => {
    const columns = [COLUMNS[1], COLUMNS[1]] as ResultColumn[]
    const chunks = [[['a', 'b'] as Cell[]]]
    await expect(written({ output }, { columns, chunks })).rejects.toMatchObject({ code: 'USAGE', exit: 'usage' })
    expect((await written({ output: 'csv' }, { columns, chunks })).text).toBe('title,title\na,b\n')
  })
})

describe('table', () => {
  test('numbers to the right, texts to the left, NULL is said', async () => {
    const { text, rows } = await written({})
    expect(rows).toBe(3)
    expect(text.split('\n')).toEqual([
      '        id  title                            price  active',
      '──────────  ──────────────────────────────  ──────  ──────',
      '5508654087  Loft                            100.00  true',
      '         2  House, "with"|garden\\nand shed    NULL  false',
      '         3                                    0.50  NULL',
      '',
    ])
  })

  test('without a row', async () => {
    expect((await written({}, { chunks: [] })).text).toBe(
      'id  title  price  active\n──  ─────  ─────  ──────\n(0 rows)\n',
    )
  })

  test('texts are cut until it fits', async () => {
    expect((await written({ width: 44 })).text.split('\n')).toEqual([
      '        id  title              price  active',
      '──────────  ────────────────  ──────  ──────',
      '5508654087  Loft              100.00  true',
      '         2  House, "with"|g…    NULL  false',
      '         3                      0.50  NULL',
      '',
    ])
  })

  test('columns that do not fit are left out and named', async () => {
    const { text } = await written({ width: 35 })
    expect(text.split('\n')).toEqual([
      '        id  title',
      '──────────  ───────────────────────',
      '5508654087  Loft',
      '         2  House, "with"|garden\\n…',
      '         3',
      'columns that do not fit: price,',
      '    active (a wider terminal or',
      '    --output csv shows them)',
      '',
    ])
  })

  test('where numbers matter, texts are left out first', async () => {
    const { text } = await written({ width: 32, leaveOut: 'texts' })
    expect(text.split('\n')).toEqual([
      '        id   price  active',
      '──────────  ──────  ──────',
      '5508654087  100.00  true',
      '         2    NULL  false',
      '         3    0.50  NULL',
      'columns that do not fit: title',
      '    (a wider terminal or',
      '    --output csv shows them)',
      '',
    ])
  })

  test('a reader is shown another view of the same rows, programs are not', async () => {
    const human: TabularOptions['human'] = {
      columns: [
        { name: 'name', type: 'VARCHAR', style: (text) => (text === 'Loft' ? 'green' : undefined) },
        { name: 'why', type: 'VARCHAR', spare: true },
      ],
      row: ([, title], at) => [title as string, at === 1 ? null : `row ${at}`],
    }
    const chunks = [ROWS.slice(0, 1), ROWS.slice(2)]
    const shown = async (options: Parameters<typeof written>[0]) =>
      (await written({ human, ...options }, { chunks })).text.split('\n')
    expect(await shown({})).toEqual(['name  why', '────  ─────', 'Loft  row 0', '', ''])
    expect(await shown({ width: 8 })).toEqual(['name', '────', 'Loft', '', ''])
    expect((await shown({ color: true }))[2]).toBe('\u001b[32mLoft\u001b[39m  row 0')
    expect((await shown({ output: 'csv' }))[0]).toBe('id,title,price,active')
    expect((await shown({ output: 'md' }))[0]).toBe('| id | title | price | active |')
  })

  test('the text that names a row stays whole, so that it can be pasted', async () => {
    const columns = ['run_id', 'status', 'error'].map((name) => ({ name, type: 'VARCHAR' }))
    const chunks = [[['20261124T132528Z-ece8', 'succeeded', 'a long story of what went wrong'] as Cell[]]]
    expect((await written({ width: 50 }, { columns, chunks })).text.split('\n')).toEqual([
      'run_id                 status     error',
      '─────────────────────  ─────────  ────────────────',
      '20261124T132528Z-ece8  succeeded  a long story of…',
      '',
    ])
  })

  test('what would move a cursor, turn a line, or not be seen is written out, and measured as it is written', async () => {
    const columns = COLUMNS.slice(1, 3)
    const chunks = [[['a\u001b[2J\u202e', '1']]] as Cell[][][]
    expect((await written({}, { columns, chunks })).text.split('\n').slice(1)).toEqual([
      '────────────────  ─────',
      'a\\u001b[2J\\u202e      1',
      '',
    ])
  })

  test('wide characters take two columns', async () => {
    const columns = COLUMNS.slice(1, 3)
    expect(
      (
        await written(
          {},
          {
            columns,
            chunks: [
              [
                ['東京', '1'],
                ['é', '22'],
              ],
            ],
          },
        )
      ).text.split('\n'),
    ).toEqual(['title  price', '─────  ─────', '東京       1', 'é         22', ''])
  })

  test('the heading is bold where there is colour, and nothing else differs', async () => {
    const [head = '', ...rest] = (await written({ color: true })).text.split('\n')
    const [plain = '', ...others] = (await written({})).text.split('\n')
    expect(head).toBe(`\u001b[1m${plain}\u001b[22m`)
    expect(rest).toEqual(others)
  })

  test('a large one is printed in parts, with one heading, and no number of a later part is cut', async () => {
    const columns = [COLUMNS[0], COLUMNS[1]] as ResultColumn[]
    const many = Array.from({ length: 2500 }, (_, at): Cell[] => [
      String(at * 1000),
      at < 2000 ? 'short' : 'much longer',
    ])
    const whole = await written({}, { columns, chunks: [many] })
    const lines = whole.text.split('\n')
    expect([whole.rows, lines.length]).toEqual([2500, 2503])
    expect([...lines.slice(0, 3), lines.at(1002), lines.at(-2)]).toEqual([
      '    id  title',
      '──────  ─────',
      '     0  short',
      '1000000  short',
      '2499000  much longer',
    ])
    const narrow = await written({ width: 20 }, { columns, chunks: [many] })
    expect(narrow.text.split('\n').at(-2)).toBe('2499000  much…')
  })

  test('a small one as text', async () => {
    expect(toTerminal(await tableText(COLUMNS.slice(0, 1), [['1']], 80), { color: false })).toBe('id\n──\n 1')
  })
})

test('what reading throws comes after what was read', async () => {
  let text = ''
  const chunks = (async function* () {
    yield [['1']] as Cell[][]
    throw new Error('lost')
  })()
  const write = (chunk: string): void => {
    text += chunk
  }
  const options = { output: 'csv' as const, width: ENDLESS }
  await expect(writeTabular({ columns: COLUMNS.slice(0, 1), chunks }, write, options)).rejects.toThrow('lost')
  expect(text).toBe('id\n1\n')
})

test('a table costs little more than CSV', async () => {
  const columns = [...COLUMNS, { name: 'note', type: 'VARCHAR' }]
  const chunks = Array.from({ length: 20 }, () =>
    Array.from({ length: 2000 }, (_, n): Cell[] => [
      String(n),
      'a title',
      '12.50',
      true,
      n % 10 === 0 ? 'naïve' : null,
    ]),
  )
  const cost = async (output: 'table' | 'csv'): Promise<number> => {
    const before = process.cpuUsage()
    const stream = {
      columns,
      chunks: (async function* () {
        yield* chunks
      })(),
    }
    await writeTabular(stream, () => undefined, { output, width: 100 })
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  await cost('csv')
  // The reading of the rows comes on top of both: with it, it is 1.3 times. A package and a grapheme per cell made it 150.
  expect((await cost('table')) / (await cost('csv'))).toBeLessThan(20)
})
