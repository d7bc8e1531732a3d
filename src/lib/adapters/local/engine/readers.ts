import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import type { SqlType } from '../../../core/model.js'
import { ident, literal } from '../../../core/sql/names.js'
import { shellWord } from '../../../core/words/shell-word.js'

/** What the engine would otherwise read out of paths, or add to the columns of the files. */
const AS_IT_STANDS = ['hive_partitioning = false', 'union_by_name = false', 'filename = false']

export interface CsvOptions {
  /** Names of the columns in the relation; the file's own header is skipped. */
  columns: readonly string[]
  /** Their types, for a file in plain form, of which an empty field and `\N` mean NULL; without them all are VARCHAR. */
  types?: readonly SqlType[]
  /** Bytes of the longest record. */
  longest: number
  /** A quoted field goes over several lines. */
  linesInQuotes: boolean
}

/** Several readers share a file of some megabytes in stretches of this size. */
const CSV_BUFFER_BYTES = 4_000_000
/** Records longer than its buffer the engine loses without a word; where few fit in, it reads much of them again. */
const RECORDS_IN_BUFFER = 4

/**
 * A CSV file as a relation: nothing is guessed, and no record is skipped. Of texts none means NULL: an empty field would be
 * one, and the reader takes a NULL too many at the end of a line.
 */
export function csvFile(path: string, { columns, types, longest, linesInQuotes }: CsvOptions): string {
  const nulls = types ? ['', '\\N'] : [`null-${randomBytes(12).toString('hex')}`]
  const options = [
    ...AS_IT_STANDS,
    `compression = 'none'`,
    'auto_detect = false',
    'header = true',
    `delim = ','`,
    `quote = '"'`,
    `escape = '"'`,
    `columns = {${columns.map((name, at) => `${literal(name)}: ${literal(types?.[at] ?? 'VARCHAR')}`).join(', ')}}`,
    `nullstr = [${nulls.map(literal).join(', ')}]`,
    'null_padding = false',
    'strict_mode = true',
    // Several readers at once cannot tell a line end inside quotes from one between records.
    ...(linesInQuotes ? ['parallel = false'] : []),
    `buffer_size = ${Math.max(CSV_BUFFER_BYTES, longest * RECORDS_IN_BUFFER)}`,
  ]
  return `read_csv(${fileName(path)}, ${options.join(', ')})`
}

/** True for what the engine's CSV reader says of a record that it does not take. */
export function isCsvError(error: unknown): boolean {
  return error instanceof Error && /CSV Error|csv reader|sniffing file|read_csv/i.test(error.message)
}

export interface JsonOptions {
  /** Types of the columns that are read, by name. */
  columns: Readonly<Record<string, string>>
  /** Bytes of the longest line. */
  longest: number
}

const JSON_OBJECT_BYTES = 1 << 20

/** A file with a JSON object in each line. */
export function jsonLines(path: string, { columns, longest }: JsonOptions): string {
  const types = Object.entries(columns).map(([name, type]) => `${ident(name)}: ${literal(type)}`)
  const options = [
    ...AS_IT_STANDS,
    `compression = 'uncompressed'`,
    `format = 'newline_delimited'`,
    `columns = {${types.join(', ')}}`,
    `maximum_object_size = ${Math.max(JSON_OBJECT_BYTES, longest * 2)}`,
  ]
  return `read_json(${fileName(path)}, ${options.join(', ')})`
}

export interface ParquetOptions {
  /** Adds the column file_row_number, from 0. */
  rowNumbers?: boolean
}

/** Parquet files of one form, in their order. */
export function parquetFiles(paths: readonly string[], { rowNumbers = false }: ParquetOptions = {}): string {
  const options = [...AS_IT_STANDS, ...(rowNumbers ? ['file_row_number = true'] : [])]
  return `read_parquet([${paths.map(fileName).join(', ')}], ${options.join(', ')})`
}

export type CopyOptions = Readonly<Record<string, string | number | boolean>>

/** The end of a COPY statement: a path that is written is no pattern, and is taken as it is. */
export function copyTo(path: string, options: CopyOptions = { format: 'parquet' }): string {
  const all = Object.entries(options).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? literal(value) : value}`,
  )
  return `to ${literal(resolve(path))} (${all.join(', ')})`
}

/**
 * A path as the name of one file. The engine takes it for a pattern, and would read whatever else matches; a letter in
 * brackets stands for itself. From the root it also is no address (`s3:`), and no home of somebody (`~`).
 * @throws EtlError IO for a name that no pattern has: in a pattern a backslash parts folders
 */
function fileName(path: string): string {
  const whole = resolve(path)
  const pattern = whole.replaceAll(/[*?[]/g, '[$&]')
  if (pattern !== whole && whole.includes('\\')) {
    throw new EtlError(`cannot read ${path}: a path with a backslash cannot have * ? or [ as well`, {
      code: 'IO',
      suggestions: [`mv ${shellWord(path)} DIR   # DIR: a folder without a backslash`],
    })
  }
  return literal(pattern)
}
