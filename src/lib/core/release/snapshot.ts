import { SOURCE_TABLES, type SourceTable } from '../model.js'
import { columnNames } from '../sql/ddl.js'
import { ident, literal } from '../sql/names.js'

/** What an extract that runs beside no warehouse is told of it: statements for one transaction, so that it is of one moment. */
export interface SnapshotQueries {
  /** One row for each source table (`SnapshotState`). */
  state: string
  /** Rows of raw by source table, for a comparison by value: the columns of the table, `_superseded`, `_nullified`. */
  raw: Readonly<Record<string, string>>
  /** The open quarantine: what an extract need not tell again, and what it may close. */
  rejects: string
}

/** What the extract has to know of a table, as texts where a position is one. */
export interface SnapshotState {
  table_name: string
  /** The newest load, and the newest change of bookmarks; 0 before the first. */
  seq: number
  bookmark_seq: number
  rows: number
  /** Of these, the rows that won over no copy. */
  single: number
  /** Where raw ends. */
  position: string | null
  reset: boolean
  /** The next reading by bookmark begins at `rewind`; null is the beginning. */
  rewound: boolean
  rewind: string | null
}

export function snapshotQueries(): SnapshotQueries {
  return {
    state: SOURCE_TABLES.map(stateOf).join('\nunion all\n'),
    raw: Object.fromEntries(
      SOURCE_TABLES.map(({ name, raw, columns }) => [
        name,
        `select ${columnNames(columns)}, _superseded, _nullified from raw_data.${raw}`,
      ]),
    ),
    rejects:
      'select table_name, rule, key_text, row_text, occurrence from raw_data.quarantine where cleared_run_id is null',
  }
}

function stateOf({ name, raw, bookmark }: SourceTable): string {
  const own = `table_name = ${literal(name)}`
  const any = (from: string): string => `case when exists (select 1 from ${from} where ${own}) then true else false end`
  return `select cast(${literal(name)} as varchar(64)) as table_name,
      (select coalesce(max(seq), 0) from raw_data.load_log) as seq,
      (select coalesce(max(seq), 0) from raw_data.bookmark_changes) as bookmark_seq,
      count(*) as rows, coalesce(sum(case when _superseded = 0 then 1 else 0 end), 0) as single,
      cast(max(${ident(bookmark.column)}) as varchar(64)) as position,
      ${any('raw_data.bookmark_resets')} as reset, ${any('raw_data.bookmark_rewinds')} as rewound,
      (select max(position) from raw_data.bookmark_rewinds where ${own}) as rewind
    from raw_data.${raw}`
}
