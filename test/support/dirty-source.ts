import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Column, SOURCE_TABLES, type SourceTable, type SourceTableName } from '../../src/lib/core/model.js'

/** A table as it stands in a file: names of the columns, and records of fields before they are quoted. */
export interface DirtyTable {
  header: string[]
  records: string[][]
  /** How the file is written. */
  form: { lineEnd: '\n' | '\r\n'; bom: boolean; quoteAll: boolean; lastLineEnd: boolean; emptyLines: boolean }
}

export type DirtySource = Record<SourceTableName, DirtyTable>

const pick = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values)
const NULLS = pick('', ' ', '\\N', 'null', 'NULL', ' Null\t')
const TYPED_NULLS = pick('none', 'NaN', 'n/a', 'N/A')
const LISTINGS = ['1', '2', '3', '4', '5', '6', '7', '8', '5508654087', '9007199254740993', '-5', '0']
const USERS = ['1', '2', '3', '4', '8589934592', '0']
// Around the as-of dates of the tests, so that lives, stays and weeks overlap them.
const days = fc
  .integer({ min: 0, max: 200 })
  .map((n) => new Date(Date.UTC(2023, 11, 1) + n * 86_400_000).toISOString().slice(0, 10))
const slashed = (day: string): string => `${day.slice(8, 10)}/${day.slice(5, 7)}/${day.slice(0, 4)}`
const times = pick('00:00:00', '23:59:59', '10:20:30')
const BAD_DATES = pick(
  '0000-00-00',
  '2024-02-30',
  '2024-1-5',
  '31/02/2024',
  '5/1/2024',
  'epoch',
  'today',
  '2024-03-01 24:00:00',
  '2024-03-01+02',
  '2024-03-01T10:00:00+02:00',
  '1899-12-31',
  '2200-01-01',
  '20240301',
)
const BAD_NUMBERS = pick('1e3', '1_000', '0x1F', '1,5', '$5', 'abc', '--1', '.', '1.2.3', '٣')
const TEXTS = pick(
  'Oslo',
  ' Oslo ',
  'oslo',
  'München',
  'a,b',
  'say "hi"',
  '"',
  'two\nlines',
  'tab\there',
  'none',
  'n/a',
  'no\u00a0break',
  '\ufeffmark',
  "it's",
  '東京',
  'null?',
  '00123',
)

function bigints(pool: string[]): fc.Arbitrary<string> {
  const good = fc.constantFrom(...pool)
  return often(
    good,
    good.map((text) => `+${text.replace('-', '')}`),
    good.map((text) => ` ${text}.0 `),
    pick('9223372036854775808', '1.5', '-'),
    BAD_NUMBERS,
  )
}

/** Mostly the first, seldom one of the others, sometimes NULL. */
function often(good: fc.Arbitrary<string>, ...seldom: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 24, arbitrary: good },
    { weight: 1, arbitrary: NULLS },
    { weight: 1, arbitrary: TYPED_NULLS },
    ...seldom.map((arbitrary) => ({ weight: 1, arbitrary })),
  )
}

function fieldValue(table: SourceTableName, column: Column): fc.Arbitrary<string> {
  const { name, type } = column
  if (name === 'id' || name === 'apartment_id') return bigints(LISTINGS)
  if (name === 'user_id') return bigints(USERS)
  if (name === 'booking_id') return bigints(Array.from({ length: 25 }, (_, n) => String(7000000000 + n)))
  if (name === 'booking_status')
    return often(
      pick('confirmed', 'Confirmed', ' CONFIRMED '),
      pick('canceled', 'Cancelled', 'pending', 'unconfirmed', 'confirmed?', 'ｃonfirmed', 'MODIFICACIÓN'),
    )
  if (name === 'currency') return often(pick('USD', 'eur', 'GBP'), pick('zł', 'ß', 'xxx', 'none'))
  if (name === 'cityname' || name === 'state') return often(pick('Oslo', 'Bergen', 'Köln'), TEXTS)
  if (type === 'BIGINT' || type === 'INTEGER')
    return often(fc.integer({ min: -2, max: 9 }).map(String), pick('2147483648', '3.0', '2.5'), BAD_NUMBERS)
  if (type === 'BOOLEAN')
    return often(
      pick('true', 'false', '1', '0'),
      pick('Y', 'n', 'YES', 'No', 'T', 'f', 'tRuE'),
      pick('2', 'maybe', 'on'),
    )
  if (type === 'VARCHAR')
    return often(TEXTS, fc.string({ unit: 'grapheme', maxLength: 8 }).map(plain), pick(`${'x'.repeat(65_534)}東`))
  if (type === 'DATE')
    return often(
      days,
      days.map(slashed),
      fc.tuple(days, times).map((parts) => parts.join(' ')),
      BAD_DATES,
    )
  if (type === 'TIMESTAMP') {
    // Few distinct moments for the key of user_viewing, so that copies meet.
    const moment =
      table === 'user_viewing' ? fc.tuple(pick('2024-02-01', '2024-03-15', '2024-05-31'), times) : fc.tuple(days, times)
    const plainTime = moment.map((parts) => parts.join(' '))
    return often(
      plainTime,
      plainTime.map((text) => `${text.replace(' ', 'T')}Z`),
      plainTime.map((text) => `${text}.5`),
      plainTime.map((text) => `${text}.500000`),
      days,
      days.map((day) => `${slashed(day)} 01:02:03`),
      BAD_DATES,
    )
  }
  return often(
    fc.integer({ min: -5, max: 4000 }).map((n) => (n / 4).toFixed(2)),
    pick('1.005', '0.005', '-0.005', '.5', '5.', '+7', '007', '12.5', '99999999.994'),
    pick('99999999.995', '1000000000000'),
    BAD_NUMBERS,
  )
}

/** No NUL and no lone surrogate can stand in a file; a carriage return may, but only inside quotes. */
function plain(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

function recordOf(table: SourceTable, header: string[]): fc.Arbitrary<string[]> {
  const fields = header.map((name) => {
    const column = table.columns.find((one) => one.name === name)
    return column ? fieldValue(table.name, column) : TEXTS
  })
  const whole = fc.tuple(...fields)
  const torn = fc
    .tuple(whole, fc.integer({ min: 1, max: header.length + 2 }))
    .map(([record, n]) => Array.from({ length: n }, (_, at) => record[at] ?? 'x'))
  return fc.oneof({ weight: 40, arbitrary: whole }, { weight: 1, arbitrary: torn })
}

const form = fc.record({
  lineEnd: fc.constantFrom('\n' as const, '\r\n' as const),
  bom: fc.boolean(),
  quoteAll: fc.boolean(),
  lastLineEnd: fc.boolean(),
  emptyLines: fc.boolean(),
})

const SIZES: Record<SourceTableName, number> = {
  apartments: 14,
  apartment_attributes: 14,
  bookings: 40,
  user_viewing: 14,
}

function headerOf(table: SourceTable): fc.Arbitrary<string[]> {
  const required = table.columns.filter((column) => column.required).map(({ name }) => name)
  const optional = table.columns.filter((column) => !column.required).map(({ name }) => name)
  return fc.tuple(fc.subarray(optional), fc.subarray(['extra', 'ID', ''])).chain(([some, extra]) =>
    fc.shuffledSubarray([...required, ...some, ...extra], {
      minLength: required.length + some.length + extra.length,
    }),
  )
}

function tableOf(table: SourceTable): fc.Arbitrary<DirtyTable> {
  return headerOf(table).chain((header) =>
    fc.record({
      header: fc.constant(header),
      records: fc.array(recordOf(table, header), { maxLength: SIZES[table.name], size: 'max' }),
      form,
    }),
  )
}

/** A source with every form of value that semantics.md allows, and many that it does not. */
export const dirtySource: fc.Arbitrary<DirtySource> = fc.record(
  Object.fromEntries(SOURCE_TABLES.map((table) => [table.name, tableOf(table)])),
) as unknown as fc.Arbitrary<DirtySource>

export const asOfDates = pick('2024-01-31', '2024-03-10', '2024-06-15', '2023-11-30')

/** What a day does to a table. */
interface Edit {
  table: SourceTableName
  kind: 'insert' | 'replace' | 'delete' | 'copy' | 'cell' | 'front'
  at: number
  column: number
  seed: string[][]
}

/** A source that changes from day to day: inserts, late rows in front, changed cells and rows, deletions, copies. */
export const mutationHistory: fc.Arbitrary<DirtySource[]> = dirtySource.chain((first) => {
  const edit = fc.constantFrom(...SOURCE_TABLES).chain((table) =>
    fc.record({
      table: fc.constant(table.name),
      kind: fc.constantFrom(
        'insert' as const,
        'replace' as const,
        'delete' as const,
        'copy' as const,
        'cell' as const,
        'front' as const,
      ),
      at: fc.nat(1000),
      column: fc.nat(1000),
      seed: fc.tuple(recordOf(table, first[table.name].header)),
    }),
  )
  return fc
    .array(fc.array(edit, { maxLength: 12, size: 'max' }), { minLength: 2, maxLength: 5, size: 'max' })
    .map((days) => {
      const history = [first]
      for (const edits of days) history.push(edits.reduce(applied, history.at(-1) as DirtySource))
      return history
    })
})

function applied(source: DirtySource, { table, kind, at, column, seed }: Edit): DirtySource {
  const { records, ...rest } = source[table]
  const next = records.map((record) => [...record])
  const row = seed[0] as string[]
  const index = next.length === 0 ? 0 : at % next.length
  const target = next[index]
  if (kind === 'insert' || !target) next.push(row)
  else if (kind === 'front') next.unshift(row)
  else if (kind === 'replace') next[index] = row
  else if (kind === 'delete') next.splice(index, 1)
  else if (kind === 'copy') next.splice(column % (next.length + 1), 0, [...target])
  else target[column % target.length] = row[column % row.length] ?? ''
  return { ...source, [table]: { ...rest, records: next } }
}

/** Writes the four files of a source. */
export async function writeSource(folder: string, source: DirtySource): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, table] of Object.entries(source)) await writeFile(join(folder, `${name}.csv`), csvText(table))
}

function csvText({ header, records, form: { lineEnd, bom, quoteAll, lastLineEnd, emptyLines } }: DirtyTable): string {
  const field = (text: string): string => (quoteAll || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  // One empty field alone would be an empty line, which is no record.
  const line = (fields: string[]): string =>
    fields.length === 1 && fields[0] === '' ? '""' : fields.map(field).join(',')
  const lines = [header, ...records].map(line)
  const text = (emptyLines ? lines.flatMap((one, at) => (at % 3 === 1 ? [one, ''] : [one])) : lines).join(lineEnd)
  return `${bom ? '\ufeff' : ''}${text}${lastLineEnd ? lineEnd : ''}`
}
