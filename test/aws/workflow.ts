import { readFile } from 'node:fs/promises'
import { CreateJobCommand, type GlueClient } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CreateStateMachineCommand } from '@aws-sdk/client-sfn'
import { CreateTopicCommand } from '@aws-sdk/client-sns'
import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { AwsOrchestrator } from '../../src/lib/adapters/aws/runs/orchestrator.js'
import type { AwsRunOptions } from '../../src/lib/adapters/aws/runs/run-reader.js'
import { AwsRunStore } from '../../src/lib/adapters/aws/runs/run-store.js'
import { systemClock } from '../../src/lib/ports/clock.js'
import type { Box } from '../emulator/box.js'

/** What the body of each job does, in Python; it has `request`, and `say(event, **more)` for a line. */
export interface JobBodies {
  extract?: string
  raw?: string
  curated?: string
}

export interface OnBox {
  clients: AwsClients
  glue: GlueClient
  options: AwsRunOptions
  jobs: { extract: string; load: string; curated: string }
  orchestrator: AwsOrchestrator
  store: AwsRunStore
}

const PROLOGUE = `
import json, sys, time
def say(event, **more): print(json.dumps({'event': event, **more}), flush=True)
request = json.loads(sys.argv[sys.argv.index('--request') + 1])
if '--step' in sys.argv: raise SystemExit(0)
print('INFO a line of a library')
`

let made = 0

export function clientsOf(box: Box): AwsClients {
  // As a user has them: from the environment.
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[name] = box.env[name]
  return new AwsClients({ region: box.region, endpoint: box.endpoint })
}

/** A workflow of its own in the box, the deployed one on jobs of a few lines, with a bucket of its own. */
export async function workflowOn(
  box: Box,
  clients: AwsClients,
  bodies: JobBodies = {},
  {
    glue: glueRole = `arn:aws:iam::${box.account}:role/any`,
    states: statesRole = `arn:aws:iam::${box.account}:role/any`,
    timeoutMinutes = 120,
  }: { glue?: string; states?: string; timeoutMinutes?: number } = {},
): Promise<OnBox> {
  const id = ++made
  const bucket = `lake-${id}`
  const jobs = {
    extract: `extract_raw_${id}`,
    load: `s3_to_redshift_raw_${id}`,
    curated: `redshift_raw_to_curated_${id}`,
  }
  const [s3, glue, sns, sfn] = await Promise.all([clients.s3(), clients.glue(), clients.sns(), clients.stepFunctions()])
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  for (const [Name, body] of [
    [jobs.extract, bodies.extract],
    [jobs.load, bodies.raw],
    [jobs.curated, bodies.curated],
  ]) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `scripts/${Name}.py`, Body: PROLOGUE + (body ?? '') }))
    const Command = { Name: 'pythonshell', ScriptLocation: `s3://${bucket}/scripts/${Name}.py` }
    await glue.send(new CreateJobCommand({ Name, Role: glueRole, Command }))
  }
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `notices-${id}` }))
  const definition = await definitionOf({ ...jobs, topic: TopicArn, timeoutMinutes })
  const created = await sfn.send(
    new CreateStateMachineCommand({ name: `Workflow${id}`, definition, roleArn: statesRole }),
  )
  const options: AwsRunOptions = {
    clients,
    workflowArn: created.stateMachineArn ?? '',
    bucket,
    clock: systemClock,
    defaults: { target: 'prod', source: 'mysql://db/rental_db' },
    pace: { first: 50, most: 200, settle: 1000 },
  }
  const orchestrator = new AwsOrchestrator({ ...options, jobs, stopPace: { look: 50, grace: 3000, most: 20_000 } })
  return { clients, glue, options, jobs, orchestrator, store: new AwsRunStore(options) }
}

async function definitionOf(names: OnBox['jobs'] & { topic: string; timeoutMinutes: number }): Promise<string> {
  const text = await readFile(new URL('../../templates/workflow.asl.json', import.meta.url), 'utf8')
  const values: Record<string, string> = {
    ExtractJobName: names.extract,
    LoadJobName: names.load,
    CuratedJobName: names.curated,
    JobTimeoutMinutes: String(names.timeoutMinutes),
    TopicArn: names.topic,
  }
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}
