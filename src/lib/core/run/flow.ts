import { total } from '../verify/verify.js'
import { countText } from '../words/count-text.js'
import type { TableFlow } from './run.js'

/** Counts of a flow in their order; the words for them are their names in `--json`, everywhere. */
export const FLOW_COUNTS = [
  'rows_in',
  'rows_out',
  'inserted',
  'late',
  'updated',
  'deleted',
  'unchanged',
  'superseded',
  'quarantined',
  'nullified',
  'filtered',
] as const satisfies readonly (keyof TableFlow)[]

export type FlowCount = (typeof FLOW_COUNTS)[number]

/** A count of a flow; of those by rule or column, their sum. */
export function countOf(flow: TableFlow, name: FlowCount): number {
  const count = flow[name]
  return typeof count === 'number' ? count : total(count)
}

/** These counts of all tables together. */
export function sumOf(flows: readonly TableFlow[], ...names: FlowCount[]): number {
  return flows.reduce((sum, flow) => names.reduce((part, name) => part + countOf(flow, name), sum), 0)
}

/** True for a table on which a layer had nothing to do. */
export function isIdle(flow: TableFlow): boolean {
  return flow.unexplained === 0 && FLOW_COUNTS.every((name) => countOf(flow, name) === 0)
}

/** The counts of a flow that are not 0. @param brief without the rows in and out, where other counts add up to them */
export function flowCounts(flow: TableFlow, { brief = false } = {}): string {
  const told = FLOW_COUNTS.filter((name) => countOf(flow, name) !== 0)
  const moves = told.filter((name) => name !== 'rows_in' && name !== 'rows_out')
  const parts = (brief && moves.length > 0 ? moves : told).map(
    (name) => `${countText(countOf(flow, name))} ${name.replace('_', ' ')}`,
  )
  if (flow.unexplained !== 0) parts.push(`${countText(flow.unexplained)} UNEXPLAINED`)
  return parts.length === 0 ? 'nothing moved' : parts.join(', ')
}
