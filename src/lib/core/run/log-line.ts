import type { RunEvent } from './events.js'
import { flowCounts } from './flow.js'
import type { LayerName, TableFlow } from './run.js'

/** A line of a run's log; `at` is RFC 3339 in UTC. */
export interface LogLine {
  at: string
  layer: LayerName | null
  level: 'info' | 'warn' | 'error'
  message: string
}

/** What a log says of an event; undefined for progress, which is for views only. */
export function toLine(event: RunEvent): LogLine | undefined {
  const { at } = event
  switch (event.type) {
    case 'run_started':
      return { at, layer: null, level: 'info', message: `run ${event.run_id} as of ${event.as_of}` }
    case 'layer_started':
      return { at, layer: event.layer, level: 'info', message: `started, attempt ${event.attempt}` }
    case 'table_progress':
      return undefined
    case 'table_done':
      return { at, layer: event.layer, level: 'info', message: flowText(event.flow) }
    case 'layer_retrying':
      return {
        at,
        layer: event.layer,
        level: 'warn',
        message: `trying again, attempt ${event.attempt}: ${event.error}`,
      }
    case 'layer_succeeded':
      return { at, layer: event.layer, level: 'info', message: 'succeeded' }
    case 'layer_failed':
      return { at, layer: event.layer, level: 'error', message: `failed: ${event.error.message}` }
    case 'log':
      return { at, layer: event.layer, level: event.level, message: event.message }
    case 'notice':
      return { at, layer: null, level: 'warn', message: `notice: ${event.subject}` }
    case 'run_closed': {
      // A layer that failed has said it already.
      const why = event.error && event.error.layer === null ? `: ${event.error.message}` : ''
      return {
        at,
        layer: null,
        level: event.status === 'succeeded' ? 'info' : 'error',
        message: `run ${event.status}${why}`,
      }
    }
  }
}

/** What one layer did to one table, in a line. */
export function flowText(flow: TableFlow): string {
  return `${flow.table}: ${flowCounts(flow)}`
}
