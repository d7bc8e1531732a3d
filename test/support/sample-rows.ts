import { type SourceTableName, sourceTable } from '../../src/lib/core/model.js'
import { SAMPLE_DEFAULTS } from '../../src/lib/core/sample/sample.js'
import { sampleTable } from '../../src/lib/core/sample/tables.js'

export interface SampleAsked {
  scale: number
  seed?: number
  dirt?: number
  day?: number
}

export type SampleRow = Record<string, string>

/** The whole CSV text of a table of a sample. */
export function sampleText(table: SourceTableName, asked: SampleAsked): string {
  let text = ''
  for (const chunk of sampleTable(table, { ...SAMPLE_DEFAULTS, day: 0, ...asked })) text += chunk.text
  return text
}

/** Records of RFC 4180, without the header. */
export function sampleRecords(table: SourceTableName, asked: SampleAsked): string[][] {
  const records: string[][] = []
  let record: string[] = []
  for (const [, quoted, plain, end] of sampleText(table, asked).matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n)/g)) {
    record.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === ',') continue
    records.push(record)
    record = []
  }
  return records.slice(1)
}

/** Records by column, of those that have all columns. */
export function sampleRows(table: SourceTableName, asked: SampleAsked): SampleRow[] {
  const names = sourceTable(table).columns.map(({ name }) => name)
  return sampleRecords(table, asked)
    .filter((record) => record.length === names.length)
    .map((record) => Object.fromEntries(names.map((name, at) => [name, record[at] as string])))
}
