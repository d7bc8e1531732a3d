import { nextCommands } from '../../core/run/next-commands.js'
import type { RunStore } from '../../ports/run-store.js'
import { type Outcome, ok } from './probe.js'

/** A run that failed is told, and how it goes on, also when all that it needs is there. */
export async function lastRunProbe(runs: Pick<RunStore, 'newest'>): Promise<Outcome> {
  for await (const { state, request } of runs.newest()) {
    const { run_id, status, error } = state
    if (status === 'succeeded') return ok(`run ${run_id} succeeded`)
    if (status === 'running') return ok(`run ${run_id} is going on`)
    const why = error ? `${error.layer ? ` at ${error.layer}` : ''}: ${error.message}` : ''
    const mend = nextCommands(state, request).find((command) => command.startsWith('rental-etl')) ?? null
    return { status: 'warn', message: `run ${run_id} ${status}${why}`, mend }
  }
  return { status: 'skip', message: 'there was none yet', mend: null }
}
