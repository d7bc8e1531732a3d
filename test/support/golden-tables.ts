import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SOURCE_TABLES, type SourceTable, type SourceTableName } from '../../src/lib/core/model.js'
import { parseCsv } from '../naive/csv.js'
import { keyText, type Row, readRow, wins } from '../naive/raw.js'
import { parseValue } from '../naive/values.js'
import type { Lacking } from './golden.js'
import type { TextTable } from './mysql-rows.js'

/** A source as tables of texts that have the answer of its files. */
export interface AnsweredTables {
  tables: Record<SourceTableName, TextTable>
  lacking: Record<string, Lacking>
}

/**
 * A folder of CSV files as tables of texts. What the words of a file mean stands there itself, NULL; a record that lacks
 * fields cannot stand there. Of copies of a key the last in the file counts, in a table the greatest: one that would
 * take its place is left out.
 */
export async function answeredTables(folder: string): Promise<AnsweredTables> {
  const lacking: Record<string, Lacking> = {}
  const tables: Record<string, TextTable> = {}
  for (const table of SOURCE_TABLES) {
    const { header, records } = parseCsv(await readFile(join(folder, `${table.name}.csv`), 'utf8'))
    const whole = records.filter(({ length }) => length === header.length)
    const kept = withoutRivals(table, header, whole)
    lacking[table.name] = { fields: records.length - whole.length, superseded: whole.length - kept.length }
    const types = header.map((name) => table.columns.find((column) => column.name === name)?.type)
    tables[table.name] = {
      header,
      records: kept.map((record) =>
        record.map((field, at) => (parseValue(field, types[at] ?? 'VARCHAR') === null ? null : field)),
      ),
    }
  }
  return { tables, lacking }
}

/** The records without those that their table would prefer to the one that the file prefers. */
function withoutRivals(table: SourceTable, header: string[], records: string[][]): string[][] {
  const rows = records.map((record) => {
    const read = readRow(table, header, record, 'csv')
    return typeof read === 'string' ? undefined : read.row
  })
  const winners = new Map<string, Row>()
  for (const row of rows) {
    if (!row) continue
    const key = keyText(table, row)
    const rival = winners.get(key)
    if (!rival || wins(table, row, rival, 'csv')) winners.set(key, row)
  }
  return records.filter((_, at) => {
    const row = rows[at]
    if (!row) return true
    const winner = winners.get(keyText(table, row)) as Row
    return row === winner || wins(table, winner, row, 'mysql')
  })
}
