import { CURATED_TABLES, type CuratedTable, DIM_DATES } from '../model.js'
import { columnNames } from './ddl.js'
import { sameKey } from './names.js'

/** The keys that changed since the last build, by the curated table that they bring up to date. */
export const CHANGED_BY_TABLE: Readonly<Record<string, string>> = {
  dim_listings: 'changed_listings',
  fact_bookings: 'changed_bookings',
  fact_user_views: 'changed_views',
  dim_users: 'changed_users',
}

/** A curated SQL text over the changed keys only: its `-- incremental:` lines become part of it. */
export function incrementalText(text: string): string {
  return text.replaceAll(/^(\s*)-- incremental: /gm, '$1')
}

/** Statements that replace the rows of a curated table, by what they do. */
export interface CuratedStatements {
  /** Of the changed keys only: it puts their rows into a temporary table, `newRows`. */
  prepare?: string
  takeOut: string
  putIn: string
}

/**
 * Statements that replace the rows of a curated table: all of them, or those of the changed keys.
 * @param text the table's file under sql/curated
 */
export function curatedStatements(name: string, text: string, mode: 'full' | 'incremental'): CuratedStatements {
  const table = curatedTable(name)
  const target = `curated.${name}`
  const columns = columnNames(table.columns)
  const into = `insert into ${target} (${columns})`
  if (mode === 'full') return { takeOut: `delete from ${target}`, putIn: `${into}\n${text}` }
  const changed = `curated.${CHANGED_BY_TABLE[name]}`
  return {
    prepare: `create temp table ${newRows(name)} as\n${incrementalText(text)}`,
    takeOut: `delete from ${target} where exists (select 1 from ${changed} where ${sameKey(table.key, changed, target)})`,
    putIn: `${into} select ${columns} from ${newRows(name)}`,
  }
}

/** The temporary table of what the changed keys of a curated table are now. */
export function newRows(name: string): string {
  return `new_${name}`
}

/** The statement that makes a presentation view, from its file. */
export function viewStatement(name: string, text: string): string {
  return `create or replace view presentation.${name} as\n${text}`
}

function curatedTable(name: string): CuratedTable {
  const found = [...CURATED_TABLES, DIM_DATES].find((table) => table.name === name)
  if (!found) throw new RangeError(`no curated table ${name}`)
  return found
}
