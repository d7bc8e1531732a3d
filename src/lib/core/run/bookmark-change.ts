import { EtlError } from '../errors.js'
import { sourceTable } from '../model.js'
import type { Bookmark } from './bookmark.js'

/** What waits for the next run of a table: nothing, being read whole and rebuilt, or reading from an earlier position. */
export type PendingState = 'none' | 'reset' | 'rewind'

/** Where a table is read from by the next run without reconciling; a null position is the beginning. */
export interface ReadingPoint {
  state: PendingState
  position: string | null
}

/** One table of a change. */
export interface TableChange {
  table: string
  from: ReadingPoint
  to: ReadingPoint
}

export type ChangeKind = 'reset' | 'rewind' | 'restore'

/** A change of bookmarks as the history keeps it. */
export interface BookmarkChange {
  seq: number
  kind: ChangeKind
  tables: TableChange[]
  /** Of a restore, the change that it took back. */
  of_seq: number | null
  /** The newest load that knew nothing of it: while there is no newer one, it waits. */
  load_seq: number
  /** RFC 3339 in UTC. */
  changed_at: string
  /** As `user@host`. */
  changed_by: string
  reason: string | null
}

/**
 * `pending`: the next run heeds it. `replaced` by a later change, taken back (`restored`), or a load was made since
 * (`used`). A restore itself is `done`.
 */
export type ChangeState = 'pending' | 'replaced' | 'restored' | 'used' | 'done'

/** Where a table stood after one load of it. */
export interface LoadedPosition {
  seq: number
  run_id: string
  table: string
  position: string | null
  loaded_at: string
}

/** Where the table is read from as things are. */
export function readingPoint(mark: Bookmark): ReadingPoint {
  if (mark.reset_pending) return { state: 'reset', position: null }
  return { state: mark.rewind_pending ? 'rewind' : 'none', position: mark.reads_from ?? null }
}

/** Every table is read whole. */
export function resetOf(marks: readonly Bookmark[]): TableChange[] {
  return marks.map((mark) => ({
    table: mark.table,
    from: readingPoint(mark),
    to: { state: 'reset', position: null },
  }))
}

/**
 * Tables back to where loads left them. None goes beyond the end of raw: what lies between was deleted, and may come
 * again. A table that is there already is left out.
 */
export function rewindOf(marks: readonly Bookmark[], positions: ReadonlyMap<string, string | null>): TableChange[] {
  return marks.flatMap((mark): TableChange[] => {
    const wanted = positions.get(mark.table) ?? null
    const end = mark.position ?? null
    const from = readingPoint(mark)
    const to: ReadingPoint = isBefore(mark.table, wanted, end)
      ? { state: 'rewind', position: wanted }
      : { state: 'none', position: end }
    return from.state === to.state && from.position === to.position ? [] : [{ table: mark.table, from, to }]
  })
}

/** What takes a change back. @throws EtlError NOT_FOUND where there is nothing to take back */
export function restoreOf(
  history: readonly BookmarkChange[],
  seq: number | undefined,
  loadSeq: number,
): { of_seq: number; tables: TableChange[] } {
  const states = changeStates(history, loadSeq)
  const open = history.filter((change) => states.get(change.seq) === 'pending')
  const change = seq === undefined ? open.at(-1) : history.find((one) => one.seq === seq)
  if (!change) {
    throw new EtlError(seq === undefined ? 'no change of bookmarks waits for a run' : `there is no change ${seq}`, {
      code: 'NOT_FOUND',
      suggestions: ['rental-etl bookmarks history'],
    })
  }
  const state = states.get(change.seq)
  if (state !== 'pending') {
    throw new EtlError(`change ${change.seq} cannot be taken back: ${whyNot(change, state, history)}`, {
      code: 'NOT_FOUND',
      suggestions: [
        ...(open.length > 0 ? [`rental-etl bookmarks restore ${open.at(-1)?.seq}`] : []),
        'rental-etl bookmarks history',
      ],
    })
  }
  return { of_seq: change.seq, tables: change.tables.map(({ table, from, to }) => ({ table, from: to, to: from })) }
}

/** What has become of each change, by its number. @param history oldest first @param loadSeq of the newest load */
export function changeStates(history: readonly BookmarkChange[], loadSeq: number): Map<number, ChangeState> {
  const restored = new Set(history.flatMap(({ of_seq }) => of_seq ?? []))
  const standing = history.filter(({ kind, seq }) => kind !== 'restore' && !restored.has(seq))
  const stateOf = (change: BookmarkChange): ChangeState => {
    if (change.kind === 'restore') return 'done'
    if (restored.has(change.seq)) return 'restored'
    if (change.load_seq < loadSeq) return 'used'
    const names = change.tables.map(({ table }) => table)
    const later = standing.filter(({ seq }) => seq > change.seq)
    return later.some(({ tables }) => tables.some(({ table }) => names.includes(table))) ? 'replaced' : 'pending'
  }
  return new Map(history.map((change) => [change.seq, stateOf(change)]))
}

/** The error of a change that was thought out on a state that is gone. @param what has come since */
export function cameBetween(what: string, kind: ChangeKind): EtlError {
  return new EtlError(`${what} since they were looked at; nothing was done`, {
    code: 'LOCKED',
    suggestions: [`rental-etl bookmarks   # then ${kind} once more`],
  })
}

function whyNot(
  { seq, kind, tables }: BookmarkChange,
  state: ChangeState | undefined,
  history: readonly BookmarkChange[],
): string {
  if (kind === 'restore') return 'it took one back itself'
  if (state === 'used') return 'a run has loaded since'
  if (state === 'restored') return `change ${history.find(({ of_seq }) => of_seq === seq)?.seq} did that`
  const names = tables.map(({ table }) => table)
  const later = history.filter((one) => one.seq > seq && one.tables.some(({ table }) => names.includes(table)))
  return `change ${later.at(-1)?.seq} of the same table came after it`
}

/** Where each table stood as a run left it. @param loads oldest first @throws EtlError NOT_FOUND with the newest runs */
export function positionsOfRun(loads: readonly LoadedPosition[], run: string): Map<string, string | null> {
  const seq = loads.findLast(({ run_id }) => run_id === run)?.seq
  if (seq !== undefined) return positionsAt(loads, seq)
  const newest = [...new Set(loads.map(({ run_id }) => run_id).reverse())].slice(0, 3)
  throw new EtlError(
    `the load log has no run ${run}${newest.length > 0 ? `; the newest there are ${newest.join(', ')}` : ''}`,
    { code: 'NOT_FOUND', suggestions: suggestions(newest.map((id) => `--to-run ${id}`)) },
  )
}

/**
 * Where each table stood at the end of a day in UTC. Where a clock went back between two loads, it is before the first load
 * that seems to be of a later day: what is read once too often changes nothing, and what is left out is lost.
 * @param loads oldest first @throws EtlError NOT_FOUND with the first day
 */
export function positionsOfDate(loads: readonly LoadedPosition[], date: string): Map<string, string | null> {
  const later = loads.findIndex(({ loaded_at }) => loaded_at.slice(0, 10) > date)
  const seq = (later < 0 ? loads : loads.slice(0, later)).at(-1)?.seq
  if (seq !== undefined) return positionsAt(loads, seq)
  const first = loads[0]?.loaded_at.slice(0, 10)
  throw new EtlError(`nothing was loaded by ${date}${first ? `; the first load is of ${first}` : ''}`, {
    code: 'NOT_FOUND',
    suggestions: suggestions(first ? [`--to-date ${first}`] : []),
  })
}

function positionsAt(loads: readonly LoadedPosition[], seq: number): Map<string, string | null> {
  return new Map(loads.filter((load) => load.seq === seq).map(({ table, position }) => [table, position]))
}

function suggestions(flags: readonly string[]): string[] {
  return [
    ...flags.slice(0, 1).map((flag) => `rental-etl bookmarks rewind ${flag} --simulate`),
    'rental-etl bookmarks reset   # the next run reads everything',
  ]
}

/** By the type of the table's bookmark; the beginning, null, is before everything. */
function isBefore(table: string, a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === null && b !== null
  const { columns, bookmark } = sourceTable(table)
  const type = columns.find(({ name }) => name === bookmark.column)?.type
  return type === 'BIGINT' ? BigInt(a) < BigInt(b) : a < b
}
