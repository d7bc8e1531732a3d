import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { literal } from '../../../core/sql/names.js'
import { content, unreadable } from './bytes.js'
import { NormalisedFile } from './normalised-file.js'
import { type CsvShape, eachRecord, fieldsOf } from './records.js'

/** What a file was before it was read; another answer later means that it was written to. */
export interface SourceFile {
  path: string
  size: number
  mtimeMs: number
  inode: number
}

/** A CSV file that the engine reads as a relation of texts. */
export interface OpenCsv {
  source: SourceFile
  /** Trimmed names of the columns, in the order of the file. */
  header: string[]
  /** Records without the header, whether they fit it or not. */
  records: number
  /** A FROM-clause with the VARCHAR columns `x_0`, `x_1`, … */
  relation: string
  /** No field begins or ends with a blank. */
  trimmed: boolean
  /** True when the relation reads a copy without the records that do not fit the header. */
  normalised: boolean
  /** Records whose number of fields is not the header's: a JSONL file of `{fields}`. */
  misfits?: { count: number; longest: number; path: string }
}

interface Options {
  signal: AbortSignal
}

/**
 * Looks at every byte of a CSV file (semantics.md §1, "Reading CSV") and returns how the engine reads it. A file that
 * the engine's reader might take otherwise is copied into `workDir` in a form on which both agree.
 * @throws EtlError SOURCE_SCHEMA, SOURCE_CONTENT with file and line, IO
 */
export async function openCsv(source: SourceFile, workDir: string, { signal }: Options): Promise<OpenCsv> {
  const { path } = source
  if (source.size === 0) {
    throw new EtlError(`${path} has 0 bytes; an empty table has a header line`, {
      code: 'SOURCE_CONTENT',
      suggestions: [`ls -l ${dirname(path)}`],
    })
  }
  let header: string[] = []
  let quotedHeader = false
  const shape = await eachRecord(path, signal, (record, isHeader) => {
    if (!isHeader) return
    header = fieldsOf(record).map((name) => name.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''))
    quotedHeader = record.quoted
  })
  if (shape.records < 0) throw await content(path, 0, 'has no header line')
  const twice = header.find((name, at) => header.indexOf(name) !== at)
  if (twice !== undefined) throw await content(path, 0, `names the column "${twice}" twice`)
  const open: OpenCsv = {
    source,
    header,
    records: shape.records,
    relation: '',
    trimmed: shape.trimmed,
    normalised: false,
  }
  if (shape.stray || shape.late || quotedHeader) return normaliseCsv(open, workDir, { signal })
  return { ...open, relation: relation(path, header, shape) }
}

/** The same file by way of a copy that holds only what fits the header; the rest is listed as misfits. */
export async function normaliseCsv(csv: OpenCsv, workDir: string, { signal }: Options): Promise<OpenCsv> {
  const { path } = csv.source
  const copy = join(workDir, `${basename(path)}.normalised`)
  const misfits = join(workDir, `${basename(path)}.misfits.jsonl`)
  const file = new NormalisedFile(copy, misfits, csv.header.length)
  let shape: CsvShape
  try {
    shape = await eachRecord(path, signal, (record, isHeader) => {
      if (!isHeader) file.add(record)
    })
    file.flush()
  } finally {
    file.close()
  }
  return {
    ...csv,
    relation: relation(copy, csv.header, shape),
    normalised: true,
    misfits: { count: file.misfits, longest: file.longestMisfit, path: misfits },
  }
}

/** True for what the engine's CSV reader says of a record that it does not take. */
export function isCsvError(error: unknown): boolean {
  return error instanceof Error && /CSV Error|csv reader|sniffing file|read_csv/i.test(error.message)
}

/** @throws EtlError SOURCE_CHANGED when the file was written to since it was opened */
export async function assertUnchanged(source: SourceFile): Promise<void> {
  const now = await statSource(source.path)
  if (now.size === source.size && now.mtimeMs === source.mtimeMs && now.inode === source.inode) return
  throw new EtlError(
    `${source.path} changed while it was read (${source.size} bytes before, ${now.size} after); nothing was changed`,
    {
      code: 'SOURCE_CHANGED',
      suggestions: ['rental-etl run   # when the file is written completely'],
    },
  )
}

/** @throws EtlError SOURCE_SCHEMA where it is missing, IO */
export async function statSource(path: string): Promise<SourceFile> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw Object.assign(new Error('it is not a file'), { code: 'EISDIR' })
    return { path, size: found.size, mtimeMs: found.mtimeMs, inode: found.ino }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error)
    throw new EtlError(`${path} is missing; a source has one file for each table`, {
      code: 'SOURCE_SCHEMA',
      suggestions: [`ls ${dirname(path)}`],
      cause: error,
    })
  }
}

const LONG_LINE_BYTES = 1_000_000
/** Small enough that the engine's threads share a file of some megabytes; a buffer holds several of the longest lines. */
const BUFFER_BYTES = 4_000_000

/** The engine's reader with everything said: nothing is guessed, no text means NULL, and no record is skipped. */
function relation(path: string, header: readonly string[], shape: CsvShape): string {
  const columns = header.map((_, at) => `x_${at}: 'VARCHAR'`).join(', ')
  const options = [
    'auto_detect = false',
    'header = true',
    `delim = ','`,
    `quote = '"'`,
    `escape = '"'`,
    `columns = {${columns}}`,
    // An empty field would be NULL, and the reader takes a NULL too many at the end of a line.
    `nullstr = ${literal(`null-${randomBytes(12).toString('hex')}`)}`,
    'null_padding = false',
    'strict_mode = true',
    // Several readers at once cannot tell a line end inside quotes from one between records.
    ...(shape.broken ? ['parallel = false'] : []),
    shape.longest > LONG_LINE_BYTES ? `max_line_size = ${shape.longest * 2}` : `buffer_size = ${BUFFER_BYTES}`,
  ]
  return `read_csv(${literal(path)}, ${options.join(', ')})`
}
