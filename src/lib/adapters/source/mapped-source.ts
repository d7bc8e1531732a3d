import { createHash } from 'node:crypto'
import { isMapped, mappedColumns, type SourceMapping } from '../../core/config/mapping.js'
import type { SourceTable, SourceTableName } from '../../core/model.js'
import type { RecordPlace, WantedRecord } from '../../ports/source-check.js'
import type { MappedTable } from './map-table.js'
import type { KnownSource, OpenSource, OpenTable, RowValues, SameTable, Source, TableLook } from './source.js'

/** A source whose columns are made of others by `mapping` of rental-etl.yml. Names of tables are the source's own matter. */
export class MappedSource implements Source {
  constructor(
    private readonly source: Source,
    private readonly mapping: SourceMapping,
  ) {}

  async open(work: string, signal: AbortSignal): Promise<OpenSource> {
    return new MappedReading(await this.source.open(work, signal), this.mapping)
  }

  /** What is kept of a bad row of a mapped table are not the texts of its file. */
  async lineOf(wanted: WantedRecord, signal: AbortSignal): Promise<RecordPlace> {
    const { table } = wanted
    if (isMapped(this.mapping, table as SourceTableName) || !this.source.lineOf) return { file: table, line: undefined }
    return this.source.lineOf(wanted, signal)
  }
}

class MappedReading implements OpenSource {
  readonly bytes: number

  constructor(
    private readonly source: OpenSource,
    private readonly mapping: SourceMapping,
  ) {
    this.bytes = source.bytes
  }

  tables(): AsyncGenerator<OpenTable, void>
  tables(known: ReadonlyMap<string, KnownSource>): AsyncGenerator<OpenTable | SameTable, void>
  tables(known: ReadonlyMap<string, KnownSource> = new Map()): AsyncGenerator<OpenTable | SameTable, void> {
    return this.#tables(known)
  }

  /** The same bytes by another mapping are other rows: only what was read by this one is known. */
  async *#tables(known: ReadonlyMap<string, KnownSource>): AsyncGenerator<OpenTable | SameTable, void> {
    const own = new Map<string, KnownSource>()
    for (const [name, before] of known) {
      const [mark, ...rest] = before.fingerprint.split('/')
      if (!isMapped(this.mapping, name as SourceTableName)) own.set(name, before)
      else if (mark === this.#mark(name as SourceTableName))
        own.set(name, { fingerprint: rest.join('/'), blocks: async () => undefined })
    }
    for await (const table of this.source.tables(own))
      yield 'same' in table ? { ...table, made: this.#made(table.table) } : await this.#mapped(table)
  }

  /** What a mapping makes of a row is known once it is made. */
  async open(table: SourceTable, only?: RowValues): Promise<OpenTable> {
    return this.#mapped(await this.source.open(table, isMapped(this.mapping, table.name) ? undefined : only))
  }

  async look(table: SourceTable): Promise<TableLook> {
    const look = await this.source.look(table)
    const { header } = await this.#map(look)
    return { ...look, header }
  }

  close(): Promise<void> {
    return this.source.close()
  }

  async #mapped(table: OpenTable): Promise<OpenTable> {
    const columns = mappedColumns(this.mapping, table.table)
    if (columns.length === 0) return table
    // Its types are those of the fields as they stand.
    const { plain: _, blocks: __, ...open } = table
    const { header, relation, renamed, fieldNames } = await this.#map(open)
    const mark = this.#mark(open.table.name)
    return {
      ...open,
      header,
      made: this.#made(open.table),
      relation: relation(open.relation),
      trimmed: open.trimmed && renamed,
      // That no key stands twice was said of other columns; a file has its order in any case.
      ordered: open.ordered && (open.words === 'csv' || !columns.some(([name]) => open.table.key.includes(name))),
      ...(open.misfits ? { misfits: { ...open.misfits, header: fieldNames } } : {}),
      ...(open.fingerprint === undefined ? {} : { fingerprint: `${mark}/${open.fingerprint}` }),
      strict: async (error) => {
        const strict = await open.strict?.(error)
        return strict && this.#mapped(strict)
      },
    }
  }

  async #map({ table, name, header }: Pick<OpenTable, 'table' | 'name' | 'header'>): Promise<MappedTable> {
    // It asks the engine, which is loaded where it is used.
    const { mapTable } = await import('./map-table.js')
    return mapTable(mappedColumns(this.mapping, table), { table, name, header })
  }

  #made(table: SourceTable): Record<string, string> {
    return Object.fromEntries(mappedColumns(this.mapping, table))
  }

  #mark(name: keyof SourceMapping): string {
    return createHash('sha256').update(JSON.stringify(this.mapping[name])).digest('hex').slice(0, 16)
  }
}
