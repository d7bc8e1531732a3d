import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SOURCE_TABLES, type SourceTable } from '../../src/lib/core/model.js'
import { parseCsv } from './csv.js'
import { BAD, parseValue, show, type Value, type Words } from './values.js'

export type Row = Record<string, Value>

export interface NaiveTable {
  sourceRows: number
  rows: Row[]
  superseded: number
  quarantined: Record<string, number>
  nullified: Record<string, number>
}

/**
 * Raw as one full refresh of a folder gives it, by the table's name in the source.
 * @param words `mysql` for tables without a unique key that hold the texts of the folder's files
 */
export async function naiveRaw(folder: string, words: Words): Promise<Record<string, NaiveTable>> {
  const found: Record<string, NaiveTable> = {}
  for (const table of SOURCE_TABLES) {
    found[table.name] = rawTable(table, await readFile(join(folder, `${table.name}.csv`), 'utf8'), words)
  }
  return found
}

function rawTable(table: SourceTable, text: string, words: Words): NaiveTable {
  const { header, records } = parseCsv(text)
  const result: NaiveTable = { sourceRows: records.length, rows: [], superseded: 0, quarantined: {}, nullified: {} }
  const survivors = new Map<string, { row: Row; nullified: string[] }>()
  for (const record of records) {
    const read = record.length === header.length ? readRow(table, header, record, words) : 'bad_row:fields'
    if (typeof read === 'string') {
      result.quarantined[read] = (result.quarantined[read] ?? 0) + 1
      continue
    }
    const key = keyText(table, read.row)
    const rival = survivors.get(key)
    if (rival) result.superseded++
    if (!rival || wins(table, read.row, rival.row, words)) survivors.set(key, read)
  }
  for (const { row, nullified } of survivors.values()) {
    result.rows.push(row)
    for (const name of nullified) result.nullified[name] = (result.nullified[name] ?? 0) + 1
  }
  return result
}

/** A row, or the rule by which it is quarantined. */
export function readRow(
  table: SourceTable,
  header: string[],
  record: string[],
  words: Words,
): { row: Row; nullified: string[] } | string {
  const row: Row = {}
  const nullified: string[] = []
  for (const column of table.columns) {
    const at = header.indexOf(column.name)
    const value = at < 0 ? null : parseValue(record[at] as string, column.type, words)
    if (value === BAD && column.required) return `bad_value:${column.name}`
    if (value === BAD) nullified.push(column.name)
    row[column.name] = value === BAD ? null : value
    if (row[column.name] === null && table.key.includes(column.name)) return `null_key:${column.name}`
  }
  return { row, nullified }
}

export function keyText({ key }: SourceTable, row: Row): string {
  return key.map((name) => String(row[name])).join('|')
}

/** True when a later row of the file supersedes an earlier one. */
export function wins(table: SourceTable, later: Row, earlier: Row, words: Words): boolean {
  if (table.latestBy) {
    const [a, b] = [later[table.latestBy] ?? null, earlier[table.latestBy] ?? null] as [bigint | null, bigint | null]
    if (a !== b) return b === null || (a !== null && a > b)
  }
  return words === 'csv' || Buffer.compare(canonical(table, later), canonical(table, earlier)) >= 0
}

/** Column by column; what parts them is lower than any letter of a value. */
function canonical({ columns }: SourceTable, row: Row): Buffer {
  const texts = columns.map(({ name, type }) => {
    const text = show(row[name], type) ?? ''
    return type === 'TIMESTAMP' ? text.replace('T', ' ').replace('Z', '') : text
  })
  return Buffer.from(texts.join('\0'))
}
