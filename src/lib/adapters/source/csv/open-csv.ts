import { basename, dirname, join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import type { SourceTable, SqlType } from '../../../core/model.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { csvFile } from '../../local/engine/readers.js'
import { columnText } from '../column-text.js'
import type { BlockList, Misfits, NewBlocks } from '../source.js'
import { BlockCutter, BlockLister, ChangedBlocks, lineOf } from './blocks.js'
import { ContentFault, tellingLines } from './content-fault.js'
import { type CsvRecord, fieldsOf, trimBlanks } from './fields.js'
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
  /** As of an open table. */
  blocks?: BlockList
  news?: NewBlocks
  /** No field begins or ends with a blank. */
  trimmed: boolean
  /** True when the relation reads a copy without the records that do not fit the header. */
  normalised: boolean
  misfits?: Misfits
  /** Of the source's bytes, as they were looked at. */
  fingerprint: string
}

export interface OpenOptions {
  signal: AbortSignal
  /** Whose types the fields may have; without it they are texts. */
  table?: SourceTable
  /** The blocks of a file of the table that was plain. */
  before?: BlockList
}

/** Columns that a file may have; each is a column of what the engine reads. */
export const MOST_COLUMNS = 2000

/**
 * Looks at every byte of a CSV file (semantics.md §1, "Reading CSV") and returns how the engine reads it. A file that
 * the engine's reader might take otherwise is copied into `workDir` in a form on which both agree.
 * @throws EtlError SOURCE_SCHEMA, SOURCE_CONTENT with file and line, IO
 */
export async function openCsv(source: SourceFile, workDir: string, options: OpenOptions): Promise<OpenCsv> {
  const { signal, table, before } = options
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
  const parts =
    table &&
    new FileParts(table, before && new ChangedBlocks(before, join(workDir, `${basename(path)}.new`), source.size))
  const look: Visit = (record, isHeader) => {
    if (!isHeader) return parts?.add(record)
    header = fieldsOf(record).map(trimBlanks)
    quotedHeader = record.quoted
    assertHeader(path, header, record.offset)
    parts?.begin(record)
  }
  let shape: CsvShape
  try {
    shape = await tellingLines(path, async () => {
      const found = await eachRecord(path, signal, look, {
        seen: (bytes) => {
          fingerprint.add(bytes)
          parts?.seen(bytes)
        },
        endStretch: (bytes, end) => parts?.endStretch(bytes, end),
      })
      if (found.records < 0) throw new ContentFault(0, 'has no header line')
      return found
    })
    parts?.flush()
  } finally {
    parts?.close()
  }
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
  if (!table || !parts) return { ...open, relation: relation(path, header, shape) }
  const read = (file: string, plain: boolean): Pick<OpenCsv, 'relation' | 'plain'> => ({
    relation: relation(file, header, shape),
    ...(plain ? { plain: relation(file, header, shape, typesOf(table, header)) } : {}),
  })
  const { blocks, news } = parts
  return {
    ...open,
    ...read(path, blocks.plain),
    blocks,
    ...(news ? { news: { ...read(news.path, news.plain), records: news.records, places: news.places } } : {}),
  }
}

/** The blocks of a file while it is looked at, and whether they are plain: of those that are known, that is known, too. */
class FileParts {
  readonly #form: PlainForm
  readonly #lister = new BlockLister()
  readonly #cutter = new BlockCutter((bytes, records) => this.#found(bytes, records))
  #header = ''

  constructor(
    table: SourceTable,
    private readonly changed: ChangedBlocks | undefined,
  ) {
    this.#form = new PlainForm(table)
  }

  /** Quicker by far for large stretches. */
  seen(bytes: Buffer): void {
    if (!this.changed) this.#form.take(bytes)
  }

  begin(record: CsvRecord): void {
    const line = lineOf(record)
    this.#header = line.toString()
    this.#cutter.begin(record.start + line.length)
    if (!this.changed) return
    this.#form.take(line)
    this.changed.begin(line)
  }

  add(record: CsvRecord): void {
    this.#cutter.add(record)
  }

  endStretch(bytes: Buffer, end: number): void {
    this.#cutter.endStretch(bytes, end)
  }

  get blocks(): BlockList {
    return this.#lister.list(this.#header, this.#form.holds && this.changed?.knownPlain !== false)
  }

  /** Undefined where nothing is known, or little of it is left. */
  get news(): { path: string; plain: boolean; records: number; places: readonly number[] } | undefined {
    if (!this.changed?.few) return undefined
    const { path, records, places } = this.changed
    return { path, plain: this.#form.holds, records, places }
  }

  flush(): void {
    this.changed?.flush()
  }

  close(): void {
    this.changed?.close()
  }

  #found(bytes: Buffer, records: number): void {
    const digest = this.#lister.add(bytes, records)
    if (this.changed?.add(bytes, records, digest)) this.#form.take(bytes)
  }
}

/** The same file by way of a copy that holds only what fits the header; the rest is listed as misfits. */
export async function normaliseCsv(csv: OpenCsv, workDir: string, { signal }: OpenOptions): Promise<OpenCsv> {
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
  const { plain: _, blocks: __, news: ___, ...texts } = csv
  return {
    ...texts,
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
