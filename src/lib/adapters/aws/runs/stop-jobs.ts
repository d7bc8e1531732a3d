import { BatchStopJobRunCommand, GetJobRunsCommand, type GlueClient, type JobRun } from '@aws-sdk/client-glue'
import { EtlError } from '../../../core/errors.js'
import { isNamed } from '../errors.js'
import { pause } from './patience.js'

export interface StopPace {
  /** Between two looks. */
  look: number
  /** How long the workflow has to stop its job by itself. */
  grace: number
  /** How long a job may take to end. */
  most: number
}

/** Glue takes up to a minute or two to stop a job. */
export const STOP_PACE: StopPace = { look: 1_000, grace: 5_000, most: 300_000 }

const OVER = new Set(['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMEOUT', 'ERROR', 'EXPIRED'])

/** Returns once no job of a run is going on; what the workflow leaves going on, which it may, is stopped. */
export async function stopJobs(
  glue: GlueClient,
  jobs: readonly string[],
  runId: string,
  { look, grace, most }: StopPace,
): Promise<void> {
  let isTold = false
  for (let waited = 0; ; waited += look) {
    const going = (await Promise.all(jobs.map((job) => goingOn(glue, job, runId)))).flat()
    if (going.length === 0) return
    if (waited >= most) throw notStopped(going)
    if (waited >= grace && !isTold) {
      await stop(glue, going)
      isTold = true
    }
    await pause(look, undefined)
  }
}

/** Runs of a job that a run of ours has started, by its request; there is one at a time, and it is the newest. */
async function goingOn(glue: GlueClient, JobName: string, runId: string): Promise<JobRun[]> {
  try {
    const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName, MaxResults: 20 }))
    return JobRuns.filter((run) => !OVER.has(run.JobRunState ?? '') && runOf(run) === runId)
  } catch (error) {
    if (isNamed(error, 'EntityNotFoundException')) return []
    throw error
  }
}

function runOf({ Arguments = {} }: JobRun): string | undefined {
  try {
    return (JSON.parse(Arguments['--request'] ?? '') as { run_id?: string }).run_id
  } catch {
    return undefined
  }
}

async function stop(glue: GlueClient, going: readonly JobRun[]): Promise<void> {
  for (const { JobName, Id = '', JobRunState } of going) {
    if (JobRunState !== 'STOPPING') await glue.send(new BatchStopJobRunCommand({ JobName, JobRunIds: [Id] }))
  }
}

function notStopped(going: readonly JobRun[]): EtlError {
  const [first] = going
  const which = going.map(({ JobName, Id, JobRunState }) => `${Id} of job ${JobName} (${JobRunState})`).join(', ')
  return new EtlError(`the workflow was stopped, but not its job: ${which}`, {
    code: 'IO',
    suggestions: [`aws glue get-job-run --job-name ${first?.JobName} --run-id ${first?.Id}`],
  })
}
