import type { RunEvent } from '../core/events.js'
import type { LayerName, TableFlow } from '../core/run.js'
import type { Orchestrator } from '../ports/orchestrator.js'
import type { RunArchive } from '../ports/run-archive.js'

/** A line of a run's log; `at` is RFC 3339 in UTC. */
export interface LogLine {
  at: string
  layer: LayerName | null
  level: 'info' | 'warn' | 'error'
  message: string
}

export interface LogFilter {
  layer?: LayerName | undefined
  /** Only lines of layers that did not succeed. */
  failed: boolean
}

/** The lines of a run so far. @throws EtlError NO_RUN */
export async function runLog(archive: RunArchive, runId: string, filter: LogFilter): Promise<LogLine[]> {
  const events = await archive.events(runId)
  const succeeded = new Set(events.flatMap((event) => (event.type === 'layer_succeeded' ? [event.layer] : [])))
  return events
    .flatMap((event) => lines(event, filter))
    .filter(({ layer }) => !filter.failed || (layer !== null && !succeeded.has(layer)))
}

/** The lines of a run as they come, to its end. Of `failed` only the level counts here: what will succeed is not known yet. */
export async function* followLog(
  orchestrator: Orchestrator,
  runId: string,
  filter: LogFilter,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void> {
  for await (const event of orchestrator.follow(runId, signal)) {
    for (const line of lines(event, filter)) if (!filter.failed || line.level !== 'info') yield line
  }
}

function lines(event: RunEvent, { layer }: LogFilter): LogLine[] {
  const line = toLine(event)
  return line && (layer === undefined || line.layer === layer) ? [line] : []
}

function toLine(event: RunEvent): LogLine | undefined {
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
      const why = event.error ? `: ${event.error.message}` : ''
      return {
        at,
        layer: null,
        level: event.status === 'succeeded' ? 'info' : 'error',
        message: `run ${event.status}${why}`,
      }
    }
  }
}

function flowText(flow: TableFlow): string {
  const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, n) => total + n, 0)
  const parts = [
    `${flow.table}: ${flow.rows_in} in, ${flow.rows_out} out`,
    ...(['inserted', 'updated', 'deleted', 'unchanged', 'superseded'] as const).map((name) =>
      flow[name] ? `${flow[name]} ${name}` : '',
    ),
    ...(['quarantined', 'filtered'] as const).map((name) => (sum(flow[name]) ? `${sum(flow[name])} ${name}` : '')),
    flow.unexplained ? `${flow.unexplained} unexplained` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
