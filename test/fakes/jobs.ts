import { setTimeout as sleep } from 'node:timers/promises'
import type { JobContext, Jobs } from '../../src/lib/adapters/local/workflow/job.js'
import type { RunRequest } from '../../src/lib/core/run/request.js'
import { emptyFlow, type JobName, LAYERS } from '../../src/lib/core/run/run.js'

export type Behaviour = (request: RunRequest, context: JobContext, attempt: number) => Promise<void>

export interface FakeJobs {
  jobs: Jobs
  /** Each call, in order. */
  calls: { job: JobName; request: RunRequest }[]
}

/** Jobs that emit one flow and end well, unless a behaviour is given for them. */
export function fakeJobs(behaviours: Partial<Record<JobName, Behaviour>> = {}): FakeJobs {
  const calls: FakeJobs['calls'] = []
  const entries = LAYERS.map(({ job, layer }) => {
    const run = async (request: RunRequest, context: JobContext): Promise<void> => {
      calls.push({ job, request })
      const attempt = calls.filter((call) => call.job === job).length
      await behaviours[job]?.(request, context, attempt)
      context.emit({ type: 'table_done', layer, flow: { ...emptyFlow('bookings'), rows_in: 3, rows_out: 3 } })
    }
    return [job, run] as const
  })
  return { jobs: Object.fromEntries(entries) as Jobs, calls }
}

/** Works until it is told to stop. */
export const untilStopped: Behaviour = async (_, { signal }) => {
  await sleep(60_000, undefined, { signal })
}

/** An error as the service that starts jobs gives it. */
export function serviceError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}
