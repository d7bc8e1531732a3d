import { basename, dirname, join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import type { SourceTable, SqlType } from '../../../core/model.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { csvFile } from '../../local/engine/readers.js'
import { columnText } from '../column-text.js'
import type { Misfits } from '../source.js'
import { ContentFault, tellingLines } from './content-fault.js'
import { fieldsOf, trimBlanks } from './fields.js'
import { NormalisedFile } from './normalised-file.js'
import { PlainForm } from './plain-form.js'
import { type CsvShape, eachRecord, type Visit } from './records.js'
import { Fingerprint, type SourceFile } from './source-file.js'

/** A CSV file that the engine reads as a relation of texts. */
export interface OpenCsv {
  source: SourceFile
  /** Trimmed names of the columns, in the order of the file. */
  header: string[]
  /** Records without the header, whether they fit it or not. */
  records: number
  /** A FROM-clause with the VARCHAR columns `x_0`, `x_1`, … */
  relation: string
  /** The same with the types of the model, where all of the file is in plain form. */
  plain?: string
  /** No field begins or ends with a blank. */
  trimmed: boolean
  /** True when the relation reads a copy without the records that do not fit the header. */
  normalised: boolean
  misfits?: Misfits
  /** Of the source's bytes, as they were looked at. */
  fingerprint: string
}

interface Options {
  signal: AbortSignal
  /** Whose types the fields may have; without it they are texts. */
  table?: SourceTable
}

/** Columns that a file may have; each is a column of what the engine reads. */
export const MOST_COLUMNS = 2000

/**
 * Looks at every byte of a CSV file (semantics.md §1, "Reading CSV") and returns how the engine reads it. A file that
 * the engine's reader might take otherwise is copied into `workDir` in a form on which both agree.
 * @throws EtlError SOURCE_SCHEMA, SOURCE_CONTENT with file and line, IO
 */
export async function openCsv(source: SourceFile, workDir: string, { signal, table }: Options): Promise<OpenCsv> {
  const { path } = source
  if (source.size === 0) {
    throw new EtlError(`${path} has 0 bytes; an empty table has a header line`, {
      code: 'SOURCE_CONTENT',
      suggestions: [`ls -l ${shellWord(dirname(path))}`],
    })
  }
  let header: string[] = []
  let quotedHeader = false
  const fingerprint = new Fingerprint()
  const form = table && new PlainForm(table)
  const shape = await tellingLines(path, async () => {
    const look: Visit = (record, isHeader) => {
      if (!isHeader) return
      header = fieldsOf(record).map(trimBlanks)
      quotedHeader = record.quoted
      assertHeader(path, header, record.offset)
    }
    const found = await eachRecord(path, signal, look, (bytes) => {
      fingerprint.add(bytes)
      form?.take(bytes)
    })
    if (found.records < 0) throw new ContentFault(0, 'has no header line')
    return found
  })
  const open: OpenCsv = {
    source,
    header,
    records: shape.records,
    relation: '',
    trimmed: shape.trimmed,
    normalised: false,
    fingerprint: fingerprint.end(),
  }
  if (shape.misread || shape.emptyFirst || quotedHeader) return normaliseCsv(open, workDir, { signal })
  const types = table && form?.holds ? typesOf(table, header) : undefined
  return {
    ...open,
    relation: relation(path, header, shape),
    ...(types ? { plain: relation(path, header, shape, types) } : {}),
  }
}

/** The same file by way of a copy that holds only what fits the header; the rest is listed as misfits. */
export async function normaliseCsv(csv: OpenCsv, workDir: string, { signal }: Options): Promise<OpenCsv> {
  const { path } = csv.source
  const copy = join(workDir, `${basename(path)}.normalised`)
  const misfits = join(workDir, `${basename(path)}.misfits.jsonl`)
  const file = new NormalisedFile(copy, misfits, csv.header.length)
  let shape: CsvShape
  try {
    shape = await tellingLines(path, () =>
      eachRecord(path, signal, (record, isHeader) => {
        if (!isHeader) file.add(record)
      }),
    )
    file.flush()
  } finally {
    file.close()
  }
  return {
    ...csv,
    relation: relation(copy, csv.header, { ...shape, longest: file.longest }),
    normalised: true,
    misfits: { count: file.misfits, longest: file.longestMisfit, path: misfits },
  }
}

/** Before the file is looked at any further: what follows takes time and memory by the number of columns. */
function assertHeader(path: string, header: readonly string[], offset: number): void {
  if (header.length > MOST_COLUMNS) {
    const [found, most] = [header.length, MOST_COLUMNS].map((n) => n.toLocaleString('en-US'))
    throw new EtlError(`${path} has ${found} columns; a table of a source may have ${most}`, {
      code: 'SOURCE_SCHEMA',
      suggestions: [`head -1 ${shellWord(path)} | cut -c 1-200   # the header as it is`],
    })
  }
  const seen = new Set<string>()
  for (const name of header) {
    if (seen.has(name))
      throw new ContentFault(
        offset,
        name === '' ? 'has two columns without a name' : `names the column "${columnText(name)}" twice`,
      )
    seen.add(name)
  }
}

function typesOf({ columns }: SourceTable, header: readonly string[]): SqlType[] {
  return header.map((name) => columns.find((column) => column.name === name)?.type ?? 'VARCHAR')
}

function relation(path: string, header: readonly string[], shape: CsvShape, types?: readonly SqlType[]): string {
  const columns = header.map((_, at) => `x_${at}`)
  const { longest, linesInQuotes } = shape
  return csvFile(path, { columns, longest, linesInQuotes, ...(types ? { types } : {}) })
}
