import { setTimeout as sleep } from 'node:timers/promises'
import type { JobArguments, JobContext, Jobs } from '../../src/lib/adapters/local/workflow/job.js'
import { emptyFlow, type JobName, LAYERS } from '../../src/lib/core/run/run.js'

export type Behaviour = (args: JobArguments, context: JobContext, attempt: number) => Promise<void>

export interface FakeJobs {
  jobs: Jobs
  /** Each call, in order. */
  calls: { job: JobName; args: JobArguments }[]
}

/** Jobs that emit one flow and end well, unless a behaviour is given for them. */
export function fakeJobs(behaviours: Partial<Record<JobName, Behaviour>> = {}): FakeJobs {
  const calls: FakeJobs['calls'] = []
  const entries = LAYERS.map(({ job, layer }) => {
    const run = async (args: JobArguments, context: JobContext): Promise<void> => {
      calls.push({ job, args })
      const attempt = calls.filter((call) => call.job === job).length
      await behaviours[job]?.(args, context, attempt)
      context.emit({ type: 'table_done', layer, flow: { ...emptyFlow('bookings'), rows_in: 3, rows_out: 3 } })
    }
    return [job, run] as const
  })
  return { jobs: Object.fromEntries(entries) as Jobs, calls }
}

/** Works until it is told to stop. */
export const untilStopped: Behaviour = async (_args, { signal }) => {
  await sleep(60_000, undefined, { signal })
}

/** An error as the service that starts jobs gives it. */
export function serviceError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}
