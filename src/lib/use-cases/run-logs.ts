import type { RunEvent } from '../core/run/events.js'
import { type LogLine, toLine } from '../core/run/log-line.js'
import type { LayerName } from '../core/run/run.js'
import type { FollowOptions, Orchestrator } from '../ports/orchestrator.js'
import type { RunStore } from '../ports/run-store.js'

export interface LogFilter {
  layer?: LayerName | undefined
  /** Only lines of layers that did not succeed. */
  failed: boolean
}

/** The lines of a run so far. @throws EtlError NO_RUN */
export async function runLog(runs: RunStore, runId: string, filter: LogFilter): Promise<LogLine[]> {
  const events = await runs.events(runId)
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
  options: FollowOptions,
): AsyncGenerator<LogLine, void> {
  for await (const event of orchestrator.follow(runId, options)) {
    for (const line of lines(event, filter)) if (!filter.failed || line.level !== 'info') yield line
  }
}

function lines(event: RunEvent, { layer }: LogFilter): LogLine[] {
  const line = toLine(event)
  return line && (layer === undefined || line.layer === layer) ? [line] : []
}
