import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { parquetFiles } from '../../src/lib/adapters/local/engine/readers.js'
import { typedSelect } from '../../src/lib/adapters/local/engine/typing.js'
import { SOURCE_TABLES, type SourceTable } from '../../src/lib/core/model.js'
import { recordOf } from '../support/dirty-source.js'
import { memoryDatabase } from '../support/memory-database.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'
import { trickyText } from '../support/tricky-text.js'
import { python } from './python.js'
import { writeRelease } from './release-file.js'

const ROWS = Number(process.env.GLUE_ROWS ?? 5000)

/** What numbers and moments are tried with beside the values that a source is made of. */
const AWKWARD = [
  ...[
    '1e3',
    '1E3',
    '0x1F',
    '1_000',
    '+7',
    '-0',
    '-.5',
    '.0',
    '-.00',
    '5.',
    '.',
    '+',
    '--1',
    '٣',
    '1\n',
    '1.0\n2',
    '½',
    '5\u2028',
    '5\u0085',
    '1.5\u2029',
    '2024-01-01\u2028',
  ],
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '2147483647', '2147483648'],
  ...[`${'0'.repeat(60)}12`, `12.${'0'.repeat(60)}`, '9'.repeat(40), '0.005', '-0.005', '2.675', '1.045', '-1.995'],
  ...[
    '0.00499999999999999999999999999999999999999999',
    '99999999.994',
    '99999999.995',
    '-99999999.995',
    '99.95',
    '99.949',
  ],
  ...['2024-02-29', '2023-02-29', '1900-01-01', '1899-12-31', '2199-12-31', '2200-01-01', '0000-00-00', '2024-00-10'],
  ...['2024-01-01 24:00:00', '2024-01-01T10:20:30Z', '2024-01-01 10:20:30.123456', '2024-01-01 10:20:30.1234567'],
  ...[
    '2024-01-01 10:20',
    '2024-01-01 10:20:60',
    '1900-01-01 00:00:00.000001',
    '2199-12-31T23:59:59.999999',
    '2024-1-5',
  ],
  ...[
    '29/02/2024',
    '31/04/2024',
    '01/02/2024 03:04:05',
    '1/2/2024',
    '2024-01-01 10:20:30+02',
    '+2024-01-01',
    '20240101',
  ],
  ...[
    'TRUE',
    'tRuE',
    'yes',
    'N',
    'f',
    '2',
    'on',
    'İ',
    '\u212a',
    'none',
    'NaN',
    '\\N',
    'null',
    'N/A',
    ' \t\r\n',
    '\u00a0',
  ],
  ...[
    'x'.repeat(65_535),
    'x'.repeat(65_536),
    `${'x'.repeat(65_534)}東`,
    `${'x'.repeat(65_533)}東`,
    `${'x'.repeat(65_532)}😀`,
  ],
  ...[`${'x'.repeat(65_531)}😀y`, `${'x'.repeat(65_533)}é `, `${'x'.repeat(65_532)}  y`, `${'😀'.repeat(16_384)}`],
  ...[
    '\u0000\u0001\u001f/"\\\b\f\n\r\t\u007f\u0080\u2028\u2029\ufeff<>&\'😀'.slice(1),
    '</script>',
    '%s {{x}} ${y} `z`',
  ],
]

function headerOf(table: SourceTable, at: number): string[] {
  const names = table.columns
    .filter(({ required }, place) => required || (place + at) % 3 !== 0)
    .map(({ name }) => name)
  const extra = ['Zusatz', 'a`b', "it's", 'x_0', 'ID_', 'naïve', '😀', '\uffee', 'tab\tname', 'q"uote', 'back\\slash']
  const all = [...names, ...extra]
  return at % 2 === 0 ? all : all.toReversed()
}

const folder: { scratch?: Scratch } = {}
const records = new Map<string, { header: string[]; rows: (string | null)[][] }>()

beforeAll(async () => {
  const scratch = await scratchFolder()
  folder.scratch = scratch
  const db = await Database.open(':memory:', {})
  await writeRelease(`${scratch.path}/release.json`)
  for (const [at, table] of SOURCE_TABLES.entries()) {
    const header = headerOf(table, at)
    const anything = fc.oneof(trickyText, fc.constantFrom(...AWKWARD))
    const odd = fc.tuple(
      recordOf(table, header),
      fc.array(fc.tuple(fc.nat(header.length - 1), anything), { maxLength: 4 }),
    )
    const rows = fc.sample(odd, { numRuns: ROWS, seed: 7 + at }).map(([record, changes]) => {
      const row = header.map((_, place) => record[place] ?? '')
      for (const [place, text] of changes) row[place] = text
      // The same in MySQL.
      return row.map((text, place) => (text === '' && place % 2 === 0 ? null : text))
    })
    records.set(table.name, { header, rows })
    const names = header.map((_, place) => `s_${place}`)
    const lines = rows.map((row, n) =>
      JSON.stringify({ ...Object.fromEntries(row.map((text, place) => [`s_${place}`, text])), n }),
    )
    await writeFile(`${scratch.path}/${table.name}.jsonl`, lines.join('\n'))
    await writeFile(`${scratch.path}/${table.name}.json`, JSON.stringify(header))
    const types = names.map((name) => `${name}: 'VARCHAR'`).join(', ')
    await db.run(`copy (select ${names.join(', ')}, cast(n as varchar) as _fault
      from read_json('${scratch.path}/${table.name}.jsonl', format = 'newline_delimited', maximum_object_size = 4000000, columns = {${types}, n: 'BIGINT'}))
      to '${scratch.path}/${table.name}.parquet' (format parquet)`)
  }
  await python('typing_rows.py', [`${scratch.path}/release.json`, scratch.path])
  db.close()
  return () => scratch[Symbol.asyncDispose]()
})

describe('the typing of Spark is that of the local engine', () => {
  test.each(SOURCE_TABLES.map((table) => [table.name, table] as const))('in %s', async (name, table) => {
    const db = await memoryDatabase()
    const path = (folder.scratch as Scratch).path
    const { header } = records.get(name) as { header: string[] }
    const places = header.map((_, at) => `coalesce(s_${at}, '') as x_${at}`)
    const relation = `(select ${places.join(', ')}, _fault as x_${header.length} from ${parquetFiles([`${path}/${name}.parquet`])})`
    // One more column, so that its rows can be told apart, of which the whole row does not tell.
    const typed = typedSelect(table, { relation, header, trimmed: false, words: 'mysql', ordered: false })
    const withRow = typed.sql.replace(/\n {2}from /, `, x_${header.length}\n  from `)
    const columns = table.columns.map(({ name: column }) => `"${column}"`)
    await db.run(`create table local as select ${columns.join(', ')}, "_rule", "_nullified",
        case when "_rule" is not null then ${cut(typed.keyText)} end as key_text,
        case when "_rule" is not null then ${cut(typed.rowText)} end as row_text, x_${header.length} as n
      from (${withRow})`)
    const of = (column: string): string =>
      table.columns.find((one) => `"${one.name}"` === column)?.type === 'TIMESTAMP'
        ? `cast(${column} as timestamp) as ${column}`
        : column
    await db.run(`create table spark as select ${columns.map(of).join(', ')}, "_rule", "_nullified", key_text, row_text, _fault as n
      from read_parquet('${path}/${name}.typed/*.parquet')`)
    const [counts] = await db.all(
      'select (select count(*) from local) as l, (select count(*) from spark) as s, (select count(*) from local where _rule is not null) as bad, (select count(*) from local where _nullified is not null) as nullified',
    )
    expect(counts).toMatchObject({ l: String(ROWS), s: String(ROWS) })
    expect(Number(counts?.bad)).toBeGreaterThan(ROWS / 20)
    expect(Number(counts?.bad)).toBeLessThan((ROWS * 19) / 20)
    for (const column of [...columns, '"_rule"', '"_nullified"', 'key_text', 'row_text']) {
      const differing =
        await db.all(`select l.n, left(cast(l.${column} as varchar), 500) as local, left(cast(s.${column} as varchar), 500) as spark
        from local l full join spark s on l.n = s.n where l.${column} is distinct from s.${column} or l.n is null or s.n is null limit 3`)
      expect({ column, differing }).toEqual({ column, differing: [] })
    }
  })
})

/** What Redshift takes of a text; the local engine keeps the texts of bad rows whole. */
function cut(text: string): string {
  const starts = [0, 1, 2, 3].map((back) => `try(decode(encode(${text})[1:${65_535 - back}]))`)
  return `case when strlen(${text}) > 65535 then coalesce(${starts.join(', ')}) else ${text} end`
}
