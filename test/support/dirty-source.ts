import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { SOURCE_TABLES, type SourceTable, type SourceTableName } from '../../src/lib/core/model.js'
import { fieldOf, pick, TEXTS } from './dirty-values.js'

/** A table as it stands in a file: names of the columns, and records of fields before they are quoted. */
export interface DirtyTable {
  header: string[]
  records: string[][]
  /** How the file is written. */
  form: { lineEnd: '\n' | '\r\n'; bom: boolean; quoteAll: boolean; lastLineEnd: boolean; emptyLines: boolean }
}

export type DirtySource = Record<SourceTableName, DirtyTable>

/** A record of a table's file: good, with odd and bad values, or torn. */
export function recordOf(table: SourceTable, header: string[]): fc.Arbitrary<string[]> {
  const fields = header.map((name) => {
    const column = table.columns.find((one) => one.name === name)
    return column ? fieldOf(table.name, column) : { good: TEXTS, dirty: TEXTS }
  })
  const good = fc.tuple(...fields.map((field) => field.good))
  const dirty = fc.tuple(...fields.map((field) => field.dirty))
  const torn = fc
    .tuple(dirty, fc.integer({ min: 1, max: header.length + 2 }))
    .map(([record, n]) => Array.from({ length: n }, (_, at) => record[at] ?? 'x'))
  return fc.oneof({ weight: 24, arbitrary: good }, { weight: 15, arbitrary: dirty }, { weight: 1, arbitrary: torn })
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
      records: fc.oneof(
        { weight: 1, arbitrary: records(table, header, 0) },
        { weight: 4, arbitrary: records(table, header, SIZES[table.name] / 2) },
      ),
      form,
    }),
  )
}

function records(table: SourceTable, header: string[], minLength: number): fc.Arbitrary<string[][]> {
  return fc.array(recordOf(table, header), { minLength, maxLength: SIZES[table.name], size: 'max' })
}

/** A source with every form of value that semantics.md allows, and many that it does not. */
export const dirtySource: fc.Arbitrary<DirtySource> = fc.record(
  Object.fromEntries(SOURCE_TABLES.map((table) => [table.name, tableOf(table)])),
) as unknown as fc.Arbitrary<DirtySource>

export const asOfDates = pick('2024-01-31', '2024-03-10', '2024-06-15', '2023-11-30')

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
