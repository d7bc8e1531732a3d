import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FoundSource } from '../../../core/config/found-table.js'
import { type SourceMapping, sourceTableName } from '../../../core/config/mapping.js'
import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES, type SourceTable, sourceTable } from '../../../core/model.js'
import { shellWord } from '../../../core/words/shell-word.js'
import type { RecordPlace, WantedRecord } from '../../../ports/source-check.js'
import { readError } from '../../files/io-errors.js'
import { isCsvError } from '../../local/engine/readers.js'
import { openAhead } from '../open-ahead.js'
import type { KnownSource, OpenSource, OpenTable, SameTable, Source, TableLook } from '../source.js'
import { ContentFault } from './content-fault.js'
import { findRecord } from './find-record.js'
import { normaliseCsv, type OpenCsv } from './open-csv.js'
import { openFile } from './open-in-thread.js'
import { assertUnchanged, fingerprintOf, type SourceFile, statSource } from './source-file.js'

/** A table and the file that it is read from. */
interface TableFile {
  table: SourceTable
  file: SourceFile
}

/** A folder with a CSV file for each table. */
export class CsvSource implements Source {
  /** @param mapping says what the files are called */
  constructor(
    private readonly folder: string,
    private readonly mapping: SourceMapping = {},
  ) {}

  /** @throws EtlError SOURCE_MISSING where the folder is not there, IO */
  async open(work: string, signal: AbortSignal): Promise<OpenSource> {
    await this.#assertFolder()
    const files: TableFile[] = []
    const missing = new Map<SourceTable, unknown>()
    for (const table of SOURCE_TABLES) {
      const path = this.#path(table)
      await statSource(path).then(
        (file) => files.push({ table, file }),
        (error) => missing.set(table, error),
      )
    }
    return new CsvReading({ files, missing }, work, signal)
  }

  /** A file that is missing, or that a run would refuse before the record, does not have it. */
  async lineOf(wanted: WantedRecord, signal: AbortSignal): Promise<RecordPlace> {
    const file = this.#path(sourceTable(wanted.table))
    const line = await statSource(file)
      .then(() => findRecord(file, wanted, signal))
      .catch((error) => {
        signal.throwIfAborted()
        if (error instanceof EtlError || error instanceof ContentFault) return undefined
        throw error
      })
    return { file, line }
  }

  async survey(signal: AbortSignal): Promise<FoundSource> {
    await this.#assertFolder()
    const { surveyFolder } = await import('./csv-survey.js')
    return surveyFolder(this.folder, signal)
  }

  async #assertFolder(): Promise<void> {
    const found = await stat(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw readError(error, this.folder)
    })
    if (found?.isDirectory()) return
    throw new EtlError(`source folder ${this.folder} ${found ? 'is not a folder' : 'does not exist'}`, {
      code: 'SOURCE_MISSING',
      suggestions: ['rental-etl run --source csv:DIR', 'rental-etl config explain source'],
    })
  }

  #path(table: SourceTable): string {
    return join(this.folder, `${sourceTableName(this.mapping, table)}.csv`)
  }
}

class CsvReading implements OpenSource {
  readonly bytes: number
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal

  /** What cannot be read stops the reading of all tables, and of that one by itself. */
  private readonly missing: ReadonlyMap<SourceTable, unknown>
  private readonly files: readonly TableFile[]

  constructor(
    { files, missing }: { files: readonly TableFile[]; missing: ReadonlyMap<SourceTable, unknown> },
    private readonly work: string,
    signal: AbortSignal,
  ) {
    this.files = files
    this.missing = missing
    this.bytes = files.reduce((sum, { file }) => sum + file.size, 0)
    this.#signal = AbortSignal.any([signal, this.#stop.signal])
  }

  tables(): AsyncGenerator<OpenTable, void>
  tables(known: ReadonlyMap<string, KnownSource>): AsyncGenerator<OpenTable | SameTable, void>
  tables(known: ReadonlyMap<string, KnownSource> = new Map()): AsyncGenerator<OpenTable | SameTable, void> {
    return this.#tables(known)
  }

  async *#tables(known: ReadonlyMap<string, KnownSource>): AsyncGenerator<OpenTable | SameTable, void> {
    for (const error of this.missing.values()) throw error
    // The smallest first: so nobody waits while the bytes of a large file are looked at.
    const inTurn = this.files.toSorted((a, b) => a.file.size - b.file.size)
    const same = await this.#same(known)
    for (const { table } of inTurn.filter((one) => same.has(one))) yield { table, same: true }
    const others = inTurn.filter((one) => !same.has(one))
    const open = async ({ table, file }: TableFile, signal: AbortSignal): Promise<OpenTable> => {
      const before = await known.get(table.name)?.blocks()
      return this.#table(table, await openFile(file, this.work, { signal, table, ...(before ? { before } : {}) }))
    }
    yield* openAhead(others, open, { signal: this.#signal, ahead: others.length })
  }

  async open(table: SourceTable): Promise<OpenTable> {
    if (this.missing.has(table)) throw this.missing.get(table)
    const { file } = this.files.find((one) => one.table === table) as TableFile
    return this.#table(table, await openFile(file, this.work, { signal: this.#signal, table }))
  }

  /** Every byte is looked at. */
  async look(table: SourceTable): Promise<TableLook> {
    const { name, header, records } = await this.open(table)
    return { table, name, header, records, lookAt: `head -1 ${shellWord(name)}`, looked: ', every byte looked at' }
  }

  /** Also when reading failed: what is said of a file that is being written is no more than a consequence. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const { file } of this.files) await assertUnchanged(file)
  }

  /** A file of another size is another one: only of the others the bytes are read for their hash. */
  async #same(known: ReadonlyMap<string, KnownSource>): Promise<ReadonlySet<TableFile>> {
    const same = new Set<TableFile>()
    for (const one of this.files) {
      const before = known.get(one.table.name)?.fingerprint
      if (before?.endsWith(`:${one.file.size}`) && (await fingerprintOf(one.file, this.#signal)) === before)
        same.add(one)
    }
    return same
  }

  #table(table: SourceTable, csv: OpenCsv): OpenTable {
    const { source, header, records, relation, plain, blocks, news, trimmed, misfits, fingerprint } = csv
    return {
      table,
      name: source.path,
      header,
      records,
      bytes: source.size,
      relation,
      ...(plain === undefined ? {} : { plain }),
      ...(blocks === undefined ? {} : { blocks }),
      ...(news === undefined ? {} : { news }),
      trimmed,
      words: 'csv',
      ordered: true,
      ...(misfits ? { misfits } : {}),
      fingerprint,
      strict: async (error) => {
        // A record whose number of fields is not the header's, or a form that only the strict reader takes.
        if (csv.normalised || !isCsvError(error)) return undefined
        return this.#table(table, await normaliseCsv(csv, this.work, { signal: this.#signal }))
      },
    }
  }
}
