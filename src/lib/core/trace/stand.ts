import { type SourceTableName, sourceTable } from '../model.js'
import { type Row, type SourceRecord, sameValues, type TableFacts } from './facts.js'
import type { TraceKind } from './key.js'
import { deletedBy } from './steps.js'

/** The furthest place that has a key. */
export type Reached = 'source' | 'quarantine' | 'lake' | 'raw' | 'curated' | 'presentation'

/** How far a key came in one table of the source, up to raw. */
export interface Stand {
  table: SourceTableName
  reached: Exclude<Reached, 'curated' | 'presentation'> | null
  isInRaw: boolean
  /** The source was read. */
  isRead: boolean
  /** Null where raw has it, and nothing is known against it. */
  text: string | null
  rule: string | null
  next: string[]
}

type Told = Pick<Stand, 'reached' | 'text' | 'rule' | 'next'>

const RUN = 'rental-etl run'

export function standOf(facts: TableFacts, kind: TraceKind): Stand {
  const { table, source, raw } = facts
  const isInRaw = raw.rows > 0
  const told = !isInRaw ? outOfRaw(facts) : kind === 'user' ? userInRaw(facts) : inRaw(facts)
  return { table, isInRaw, isRead: source.failure === null, ...told }
}

function differs(text: string | null): Told {
  return { reached: 'raw', text, rule: null, next: text === null ? [] : [RUN] }
}

function inRaw({ source, raw, table, loads }: TableFacts): Told {
  if (source.failure !== null) return differs(null)
  const [first] = source.records
  if (source.good === 0 && first?.rule)
    return differs(`bad in the source now (${first.rule}), in raw as it was: the next run takes it out`)
  if (source.good === 0) return differs('gone from the source, still in raw: the next run deletes it')
  if (raw.row === null || first === undefined || isAsInRaw(table, first, raw.row)) return differs(null)
  return differs(`source and raw differ since run ${loads.at(-1)?.run_id}: the next run takes the change`)
}

/** Of the records the one that survives stands first. */
function isAsInRaw(table: SourceTableName, { row }: SourceRecord, raw: Row): boolean {
  const names = sourceTable(table).columns.map(({ name }) => name)
  return sameValues(row as Row, raw, [...names, '_nullified'])
}

function userInRaw({ source, raw }: TableFacts): Told {
  if (source.failure !== null || source.keys === raw.rows) return differs(null)
  return differs(`${source.keys} good in the source, ${raw.rows} in raw: the next run brings them together`)
}

function outOfRaw(facts: TableFacts): Told {
  const { source, quarantine, lake } = facts
  if (source.good > 0) {
    const open = quarantine.find(({ cleared_run_id }) => cleared_run_id === null)
    const where = open ? `mended in the source (was ${open.rule})` : 'in the source'
    return { reached: 'source', text: `${where}, not in raw yet: run it`, rule: null, next: [RUN] }
  }
  const bad = outAsBad(facts)
  if (bad) return bad
  const deleted = deletedBy(facts)
  if (deleted !== null)
    return { reached: 'lake', text: `deleted by run ${deleted}`, rule: null, next: [`rental-etl runs show ${deleted}`] }
  const cleared = quarantine.findLast(({ cleared_run_id }) => cleared_run_id !== null)
  if (cleared) {
    const text = `was bad (${cleared.rule}), and gone from the source by run ${cleared.cleared_run_id}`
    return { reached: 'quarantine', text, rule: cleared.rule, next: [`rental-etl quarantine show ${cleared.id}`] }
  }
  if ((lake?.files.length ?? 0) > 0)
    return { reached: 'lake', text: 'in an extract that was not loaded', rule: null, next: [RUN] }
  return source.failure === null
    ? { reached: null, text: 'never seen: not in the source, not in any layer', rule: null, next: [] }
    : { reached: null, text: 'not in any layer', rule: null, next: ['rental-etl doctor'] }
}

/** A key of which all rows are bad, or were when a run saw them last. */
function outAsBad({ source, quarantine }: TableFacts): Told | undefined {
  const open = quarantine.find(({ cleared_run_id }) => cleared_run_id === null)
  if (open) {
    const since = source.failure === null && source.bad === 0 ? '; gone from the source since' : ''
    const text = `dropped: source → raw, ${open.rule}, quarantined by run ${open.first_run_id}${since}`
    return { reached: 'quarantine', text, rule: open.rule, next: [`rental-etl quarantine show ${open.id}`] }
  }
  if (source.bad === 0) return undefined
  const rule = source.records[0]?.rule ?? null
  const text = `bad in the source${rule === null ? '' : ` (${rule})`}, not seen by a run yet: the next one quarantines it`
  return { reached: 'source', text, rule, next: [RUN] }
}
