import type { DuckDBResult } from '@duckdb/node-api'
import { type DuckDBDateValue, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api'
import type { Cell, ResultColumn } from '../../../ports/warehouse.js'

const BIG = new Set<DuckDBTypeId>([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
])
const SMALL = new Set<DuckDBTypeId>([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
])
const STAMPS = new Set<DuckDBTypeId>([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
])
const INFINITE_DAYS = 2 ** 31 - 1
const ZONED_STAMP = /\+00$/

/** Columns of a result with the type names of cli.md §3. */
export function resultColumns(result: DuckDBResult): ResultColumn[] {
  return Array.from({ length: result.columnCount }, (_, at) => {
    const id = result.columnTypeId(at)
    const type = BIG.has(id)
      ? 'BIGINT'
      : SMALL.has(id)
        ? 'INTEGER'
        : STAMPS.has(id)
          ? 'TIMESTAMP'
          : id === DuckDBTypeId.FLOAT
            ? 'DOUBLE'
            : result.columnType(at).toString()
    return { name: result.columnName(at), type }
  })
}

/** The one mapper from an engine's value to a cell, chosen once per column. */
export function cellMapper(typeId: DuckDBTypeId): (value: DuckDBValue) => Cell {
  if (SMALL.has(typeId)) return (value) => value as Cell
  if (STAMPS.has(typeId)) return (value) => (value === null ? null : rfc3339(String(value)))
  if (typeId === DuckDBTypeId.TIMESTAMP_TZ) {
    return (value) => (value === null ? null : rfc3339(String(value).replace(ZONED_STAMP, '')))
  }
  if (typeId === DuckDBTypeId.FLOAT || typeId === DuckDBTypeId.DOUBLE) {
    // JSON has no word for NaN and the infinities.
    return (value) => (value === null ? null : Number.isFinite(value) ? (value as number) : String(value))
  }
  if (typeId === DuckDBTypeId.DATE) return (value) => (value === null ? null : dateText(value as DuckDBDateValue))
  if (typeId === DuckDBTypeId.BOOLEAN || typeId === DuckDBTypeId.VARCHAR) return (value) => value as Cell
  return (value) => (value === null ? null : String(value))
}

/** The client writes the infinities as the days that stand for them. */
function dateText(date: DuckDBDateValue): string {
  if (Math.abs(date.days) !== INFINITE_DAYS) return String(date)
  return date.days > 0 ? 'infinity' : '-infinity'
}

/** `2024-05-01 10:00:00.5` as `2024-05-01T10:00:00.5Z`; a zero fraction is left out. */
function rfc3339(text: string): string {
  // RFC 3339 has no word for them.
  if (text.endsWith('infinity')) return text
  const plain = text.replace(' ', 'T')
  return `${plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain}Z`
}

/** All rows of the next chunks, as cells. */
export async function* cellChunks(result: DuckDBResult): AsyncGenerator<Cell[][], void> {
  const mappers = Array.from({ length: result.columnCount }, (_, at) => cellMapper(result.columnTypeId(at)))
  for (;;) {
    const chunk = await result.fetchChunk()
    if (!chunk || chunk.rowCount === 0) return
    const columns = mappers.map((map, at) => chunk.getColumnValues(at).map(map))
    yield Array.from({ length: chunk.rowCount }, (_, row) => columns.map((column) => column[row] as Cell))
  }
}
