import type { GlueClient } from '@aws-sdk/client-glue'
import { expect, test } from 'vitest'
import { stopJobs } from '../../../../../src/lib/adapters/aws/runs/stop-jobs.js'
import { FakeAws, named } from '../../../../fakes/aws-runs.js'

const PACE = { look: 1, grace: 3, most: 20 }
const stop = async (aws: FakeAws, pace = PACE): Promise<void> =>
  stopJobs((await aws.clients.glue()) as GlueClient, ['extract', 'load'], 'r-1', pace)

function going(aws: FakeAws, JobName: string, runId = 'r-1', JobRunState = 'RUNNING'): { JobRunState: string } {
  const run = {
    JobName,
    Id: `jr_${aws.runs.length}`,
    JobRunState,
    Arguments: { '--request': JSON.stringify({ run_id: runId }) },
  }
  aws.runs.push(run)
  return run
}

test('it waits for the jobs that the workflow stops', async () => {
  const aws = new FakeAws()
  const run = going(aws, 'load')
  aws.on['GetJobRuns'] = () => {
    if (aws.calls.length > 4) run.JobRunState = 'STOPPED'
  }
  await stop(aws)
  expect(aws.calls).not.toContain('BatchStopJobRun')
  expect(aws.calls.length).toBeGreaterThan(4)
})

test('what the workflow leaves going on is stopped; runs of others are left alone', async () => {
  const aws = new FakeAws()
  const own = going(aws, 'load')
  const other = going(aws, 'load', 'r-2')
  const byHand = { ...going(aws, 'extract'), Arguments: {} }
  aws.runs.splice(2, 1, byHand as never)
  await stop(aws)
  expect([own.JobRunState, other.JobRunState, byHand.JobRunState]).toEqual(['STOPPED', 'RUNNING', 'RUNNING'])
  expect(aws.calls.filter((name) => name === 'BatchStopJobRun')).toHaveLength(1)
})

test('one that does not end is told', async () => {
  const aws = new FakeAws()
  going(aws, 'extract', 'r-1', 'STOPPING')
  await expect(stop(aws)).rejects.toMatchObject({
    code: 'IO',
    message: 'the workflow was stopped, but not its job: jr_0 of job extract (STOPPING)',
    suggestions: ['aws glue get-job-run --job-name extract --run-id jr_0'],
  })
})

test('a job that is gone has no runs; another failure is told', async () => {
  const aws = new FakeAws()
  aws.failures['GetJobRuns'] = [named('EntityNotFoundException')]
  await stop(aws)
  aws.failures['GetJobRuns'] = [named('X')]
  await expect(stop(aws)).rejects.toThrow('X')
})
