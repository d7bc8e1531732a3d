import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isMapped, type SourceMapping, sourceTableName } from '../../../core/config/mapping.js'
import type { MysqlSpec } from '../../../core/config/mysql-url.js'
import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import { columnText } from '../column-text.js'
import { assertColumns } from '../columns.js'
import { openAhead } from '../open-ahead.js'
import type { KnownSource, OpenSource, OpenTable, RowValues, SameTable, TableLook } from '../source.js'
import { cellText, TextFault } from './cell-text.js'
import { MysqlConnection } from './connection.js'
import { mysqlCommand } from './mysql-error.js'
import { quoted, rowsWith, type TableShape, tableShape, tableShapes } from './table-shape.js'
import { TextFiles } from './text-files.js'

export interface ReadingOptions {
  /** A folder for scratch files. */
  work: string
  /** What the tables are called. */
  mapping: SourceMapping
}

/** One reading of a database, in one snapshot. */
export class MysqlReading implements OpenSource {
  private constructor(
    private readonly connection: MysqlConnection,
    private readonly spec: MysqlSpec,
    private readonly options: ReadingOptions,
    private readonly signal: AbortSignal,
    readonly bytes: number,
  ) {}

  /** @throws EtlError ACCESS, IO, SOURCE_MISSING */
  static async open(
    spec: MysqlSpec,
    password: string | undefined,
    options: ReadingOptions,
    signal: AbortSignal,
  ): Promise<MysqlReading> {
    const connection = await MysqlConnection.open(spec, password, signal)
    try {
      // All four tables as they were at one moment, while others go on writing.
      await connection.rows('set session transaction isolation level repeatable read')
      await connection.rows('start transaction with consistent snapshot, read only')
      return await MysqlReading.#begin(connection, spec, options, signal)
    } catch (error) {
      await connection[Symbol.asyncDispose]()
      throw error
    }
  }

  static async #begin(
    connection: MysqlConnection,
    spec: MysqlSpec,
    options: ReadingOptions,
    signal: AbortSignal,
  ): Promise<MysqlReading> {
    const [sum] = await connection.rows<{ bytes: string | null }>(
      `select sum(data_length) as bytes from information_schema.tables where table_schema = ?
        and table_name in (${SOURCE_TABLES.map(() => '?').join(', ')})`,
      [spec.database, ...SOURCE_TABLES.map((table) => sourceTableName(options.mapping, table))],
    )
    return new MysqlReading(connection, spec, options, signal, Number(sum?.bytes ?? 0))
  }

  tables(): AsyncGenerator<OpenTable, void>
  tables(known: ReadonlyMap<string, KnownSource>): AsyncGenerator<OpenTable | SameTable, void>
  tables(known: ReadonlyMap<string, KnownSource> = new Map()): AsyncGenerator<OpenTable | SameTable, void> {
    return this.#tables(known)
  }

  /** Whether a table is the same is known once it has been read; then it need not be typed. */
  async *#tables(known: ReadonlyMap<string, KnownSource>): AsyncGenerator<OpenTable | SameTable, void> {
    // What cannot be read is told before anything is.
    const shapes = (await tableShapes(this.connection, this.spec, this.options.mapping)).toSorted(
      (a, b) => a.bytes - b.bytes,
    )
    for (const shape of shapes) {
      // What a mapping makes of a table is known where it is made.
      if (!isMapped(this.options.mapping, shape.table.name)) assertColumns({ ...shape, header: headerOf(shape) })
    }
    for await (const open of openAhead(shapes, (shape, signal) => this.#read(shape, signal), {
      signal: this.signal,
      ahead: 1,
    })) {
      const { table, fingerprint } = open
      if (fingerprint !== undefined && known.get(table.name)?.fingerprint === fingerprint) yield { table, same: true }
      else yield open
    }
  }

  async open(table: SourceTable, only: RowValues = {}): Promise<OpenTable> {
    const shape = await tableShape(this.connection, this.spec, this.options.mapping, table)
    return this.#read(shape, this.signal, rowsWith(shape, only))
  }

  async look(table: SourceTable): Promise<TableLook> {
    const shape = await tableShape(this.connection, this.spec, this.options.mapping, table)
    const [row] = await this.connection.rows<{ n: string }>(`select count(*) as n from ${this.#from(shape)}`)
    const lookAt = mysqlCommand(this.spec, `show columns from ${quoted(shape.source)}`)
    return {
      table,
      name: shape.name,
      header: headerOf(shape),
      records: Number(row?.n ?? 0),
      lookAt,
      looked: ', counted by the server',
    }
  }

  /** The snapshot is given back by the end of the connection. */
  async close(): Promise<void> {
    await this.connection[Symbol.asyncDispose]()
  }

  /** @param where a condition of the server's, or nothing */
  async #read(shape: TableShape, signal: AbortSignal, where = ''): Promise<OpenTable> {
    // It has one connection, and whoever gives up the reading gives up the connection.
    signal.addEventListener('abort', this.#abort, { once: true })
    const { table, name, columns } = shape
    const folder = join(this.options.work, 'mysql', table.name)
    await rm(folder, { recursive: true, force: true })
    await using files = new TextFiles(
      columns.map(({ kind }) => kind === 'text' || kind === 'bytes'),
      folder,
    )
    const texts = columns.map(cellText)
    const select = columns.map(({ expression }) => expression).join(', ')
    try {
      await this.connection.each(
        `select ${select} from ${this.#from(shape)}${where}`,
        (field, at) => (texts[at] as (typeof texts)[number])(field),
        (row) => files.add(row),
      )
      await files.end()
    } catch (error) {
      throw contentError(error, shape)
    }
    return {
      table,
      name,
      header: headerOf(shape),
      records: files.rows,
      bytes: files.letters,
      relation: files.relation(),
      trimmed: files.trimmed,
      words: 'mysql',
      ordered: shape.unique,
      warnings: warningsOf(shape),
      // Of other columns the same texts are other rows.
      fingerprint: `${shapeHash(shape)}:${files.fingerprint()}`,
    }
  }

  readonly #abort = (): void => void this.close()

  #from({ source }: TableShape): string {
    return `${quoted(this.spec.database)}.${quoted(source)}`
  }
}

function shapeHash({ columns }: TableShape): string {
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16)
}

function headerOf({ columns }: TableShape): string[] {
  return columns.map(({ name }) => name)
}

/** What a snapshot does not hold fast is told: the tables are then not of one moment. */
function warningsOf({ table, engine }: TableShape): string[] {
  if (engine === null || engine.toLowerCase() === 'innodb') return []
  return [`${table.name}: a table of ${engine} is not part of the snapshot: what is written meanwhile may be seen`]
}

function contentError(error: unknown, { name, columns }: TableShape): unknown {
  if (!(error instanceof TextFault)) return error
  const column = columns[error.column]?.name ?? ''
  return new EtlError(`${name}: a text of column ${columnText(column)} ${error.message}`, {
    code: 'SOURCE_CONTENT',
    suggestions: ['rental-etl doctor'],
    cause: error,
  })
}
