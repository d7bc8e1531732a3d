import { sourceTable } from '../model.js'
import {
  type Cell,
  type CuratedFacts,
  type Fields,
  type LakeFacts,
  type Row,
  sameValues,
  type TableFacts,
  type TraceFacts,
} from './facts.js'
import { curatedTableOf, type TraceKey } from './key.js'

export const PLACES = ['source', 'quarantine', 'lake', 'raw', 'curated', 'presentation'] as const
export type Place = (typeof PLACES)[number]

export const STATUSES = [
  ...['found', 'absent'],
  // Of a record of the source.
  ...['superseded', 'bad', 'not_read'],
  // Of a row in quarantine.
  ...['open', 'cleared'],
  // Of a file of the lake: what its load did with the key.
  ...['inserted', 'updated', 'rewritten', 'deleted', 'not_loaded', 'gone'],
  // Of curated: left out by a rule, and not what raw gives now.
  ...['filtered', 'outdated'],
  // Of a view.
  ...['fed', 'not_fed'],
] as const
export type Status = (typeof STATUSES)[number]

/** What one place says of the key. All keys are always there. */
export interface TraceStep {
  place: Place
  /** The table of the source, or the relation with its schema. */
  relation: string
  status: Status
  /** Why it is not there, or goes no further. */
  rule: string | null
  /** The run that brought the row, found it bad, or deleted it. */
  run_id: string | null
  /** Of a quarantined row: the run that no longer found it bad. */
  cleared_run_id: string | null
  /** Of a quarantined row. */
  id: string | null
  file: string | null
  line: number | null
  /** How many rows the step stands for: copies in a file of the lake, rows of a view. */
  rows: number
  row: Row | Fields | null
  /** Of several rows the newest. */
  newest: readonly Row[]
  note: string | null
}

/** Place by place, from the source on; a listing's tables one after the other in each. */
export function traceSteps(facts: TraceFacts): TraceStep[] {
  const { tables } = facts
  return [
    ...tables.flatMap((table) => sourceSteps(table, facts.key)),
    ...tables.flatMap(quarantineSteps),
    ...tables.flatMap(lakeSteps),
    ...tables.map(rawStep),
    curatedStep(facts),
    ...presentationSteps(facts),
  ]
}

function step(place: Place, relation: string, status: Status, more: Partial<TraceStep> = {}): TraceStep {
  const none = { rule: null, run_id: null, cleared_run_id: null, id: null, file: null, line: null, row: null }
  return { place, relation, status, ...none, rows: more.row ? 1 : 0, newest: [], note: null, ...more }
}

function sourceSteps({ table, source }: TableFacts, { kind }: TraceKey): TraceStep[] {
  const { failure, records, good, bad, name } = source
  if (failure !== null) return [step('source', table, 'not_read', { note: failure })]
  if (good + bad === 0) return [step('source', table, 'absent', { file: name })]
  if (kind === 'user') {
    const note = bad > 0 ? `${bad} of them are bad` : null
    return [step('source', table, 'found', { file: name, rows: good + bad, note })]
  }
  const rest = good + bad - records.length
  const steps = records.map(({ row, rule, survives, file, line }) =>
    step('source', table, rule !== null ? 'bad' : survives ? 'found' : 'superseded', {
      ...{ rule, row, line },
      file: file ?? name,
    }),
  )
  const note = 'more records have the key'
  return rest > 0 ? [...steps, step('source', table, 'superseded', { file: name, rows: rest, note })] : steps
}

/** Rows in quarantine that are shown of one table; a user, or a key that is bad every night in another way, may have more. */
const MOST_QUARANTINED = 10

function quarantineSteps({ table, quarantine }: TableFacts): TraceStep[] {
  if (quarantine.length === 0) return [step('quarantine', table, 'absent')]
  const isOpen = ({ cleared_run_id }: TableFacts['quarantine'][number]): boolean => cleared_run_id === null
  const byTime = [...quarantine.filter((one) => !isOpen(one)), ...quarantine.filter(isOpen)]
  const steps = byTime.slice(-MOST_QUARANTINED).map(({ id, rule, first_run_id, cleared_run_id, row }) =>
    step('quarantine', table, cleared_run_id === null ? 'open' : 'cleared', {
      ...{ id, rule, cleared_run_id, row },
      run_id: first_run_id,
    }),
  )
  const more = byTime.slice(0, -MOST_QUARANTINED)
  const status = more.some(isOpen) ? 'open' : 'cleared'
  return more.length === 0
    ? steps
    : [step('quarantine', table, status, { rows: more.length, note: 'earlier rows' }), ...steps]
}

function lakeSteps({ table, lake }: TableFacts): TraceStep[] {
  if (lake === null) return []
  const { files, gone } = lake
  const names = sourceTable(table).columns.map(({ name }) => name)
  let before: Row | undefined
  const steps = files.map((file) => {
    const { run_id, copies, row, failure } = file
    const status = lakeStatus(file, before, names)
    if (file.loaded && failure === null) before = row ?? undefined
    return step('lake', table, status, { run_id, file: file.file, row, rows: copies, note: failure })
  })
  const last = gone.at(-1) ?? null
  if (last !== null) {
    const note = `files of loaded rows are not there any more: ${shortList(gone)}`
    steps.unshift(step('lake', table, 'gone', { run_id: last, rows: gone.length, note }))
  }
  return steps.length === 0 ? [step('lake', table, 'absent')] : steps
}

function lakeStatus(
  { failure, loaded, deleted, row }: LakeFacts,
  before: Row | undefined,
  names: readonly string[],
): Status {
  if (failure !== null) return 'gone'
  if (!loaded) return 'not_loaded'
  if (deleted) return 'deleted'
  if (before === undefined) return 'inserted'
  return sameValues(before, row as Row, [...names, '_nullified']) ? 'rewritten' : 'updated'
}

const LISTED = 3

function shortList(runs: readonly string[]): string {
  return `${runs.slice(-LISTED).join(', ')}${runs.length > LISTED ? `, and ${runs.length - LISTED} more` : ''}`
}

function rawStep(facts: TableFacts): TraceStep {
  const { raw, table } = facts
  const relation = `raw_data.${sourceTable(table).raw}`
  if (raw.rows > 0) return step('raw', relation, 'found', { run_id: text(raw.row?._run_id), ...raw })
  const deleted = deletedBy(facts)
  if (deleted !== null) return step('raw', relation, 'deleted', { run_id: deleted })
  const open = facts.quarantine.find(({ cleared_run_id }) => cleared_run_id === null)
  return step('raw', relation, 'absent', { rule: open?.rule ?? null, run_id: open?.first_run_id ?? null })
}

/** The run whose load took the key out of raw: by a tombstone, or by making the table anew without it. */
export function deletedBy({ lake, raw, loads }: TableFacts): string | null {
  const last = lake?.files.findLast((file) => file.loaded && file.failure === null)
  if (raw.rows > 0 || last === undefined) return null
  if (last.deleted) return last.run_id
  const since = loads.slice(loads.findLastIndex(({ run_id }) => run_id === last.run_id) + 1)
  return since.find(({ full }) => full)?.run_id ?? null
}

const BEHIND = 'raw is ahead of curated'

/** Curated has what its own SQL gives over raw as it is. */
export function isCurrent(key: TraceKey, { row, expected }: CuratedFacts): boolean {
  if (row === null || expected === null) return row === expected
  const { columns } = curatedTableOf(key)
  return sameValues(
    row,
    expected,
    columns.map(({ name }) => name),
  )
}

function curatedStep({ key, curated, build, tables }: TraceFacts): TraceStep {
  const { name } = curatedTableOf(key)
  const relation = `curated.${name}`
  const run_id = build?.run_id ?? null
  const { row, expected, rule } = curated
  if (row !== null) {
    const current = isCurrent(key, curated)
    const note = current ? null : BEHIND
    return step('curated', relation, current ? 'found' : 'outdated', { row, run_id, rule, note })
  }
  if (rule !== null) return step('curated', relation, 'filtered', { rule })
  const inRaw = tables.some(({ raw }) => raw.rows > 0)
  return step('curated', relation, 'absent', { note: inRaw && expected !== null ? BEHIND : null })
}

function presentationSteps({ key, feeds, curated, build }: TraceFacts): TraceStep[] {
  const one = (rule: string): TraceStep[] => [step('presentation', 'presentation', 'not_fed', { rule })]
  if (build === undefined) return one('not_built')
  if (curated.row === null && feeds.every(({ cells }) => cells === 0)) return one('not_curated')
  if (key.kind === 'view') return one('no_view_of_it')
  return feeds.map(({ view, cells, newest, why }) =>
    step('presentation', `presentation.${view}`, cells > 0 ? 'fed' : 'not_fed', {
      ...{ rule: cells > 0 ? null : why, rows: cells, newest },
      run_id: cells > 0 ? build.run_id : null,
    }),
  )
}

function text(value: Cell | undefined): string | null {
  return value === undefined || value === null ? null : String(value)
}
