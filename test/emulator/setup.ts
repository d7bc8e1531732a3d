import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateJobCommand, GetJobRunCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { boxCache, type Say } from '../box/cache.js'
import { type Box, startBox } from './box.js'
import { classArchive } from './class-archive.js'
import { provision, provisionLint } from './provision.js'

/** Fetches all that the box is made of, and trains the archive of classes; a box is started once with what is new. */
export async function setUpBox(say: Say): Promise<void> {
  let news = false
  const tell: Say = (line) => {
    news = true
    say(line)
  }
  await classArchive(await provision(tell), trainClasses, tell)
  await provisionLint(tell)
  if (!news) return say(`all that the box needs is in ${boxCache()}`)
  const began = Date.now()
  await using box = await startBox()
  say(`the box is at ${box.endpoint} after ${Date.now() - began} ms`)
}

/** A job that does what ours do: reads a table, computes, writes Parquet, reads it. Its JVM leaves the archive. */
async function trainClasses(file: string): Promise<void> {
  await using box = await startBox({ training: file })
  const { url, user, password } = jdbc(box)
  await box.mariadb.admin(
    `create table ${box.mysql.database}.t (id int primary key, n decimal(10, 2), s varchar(40), d date, m datetime(6))`,
    `insert into ${box.mysql.database}.t values (1, 1.5, 'a', '2024-01-01', '2024-01-01 10:00:00'), (2, null, 'b', null, null)`,
  )
  const settings = { endpoint: box.endpoint, region: box.region, credentials: credentials(box) }
  const s3 = new S3Client(settings)
  const glue = new GlueClient(settings)
  await s3.send(new CreateBucketCommand({ Bucket: 'training' }))
  const body = await readFile(new URL('training.py', import.meta.url), 'utf8')
  await s3.send(new PutObjectCommand({ Bucket: 'training', Key: 'training.py', Body: body }))
  const role = `arn:aws:iam::${box.account}:role/training`
  const command = { Name: 'glueetl', ScriptLocation: 's3://training/training.py' }
  await glue.send(new CreateJobCommand({ Name: 'training', Role: role, Command: command, GlueVersion: '5.0' }))
  const Arguments = { '--url': url, '--user': user, '--password': password, '--to': 's3://training/out/' }
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: 'training', Arguments }))
  for (;;) {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: 'training', RunId: JobRunId }))
    if (JobRun?.JobRunState === 'SUCCEEDED') return
    if (JobRun?.ErrorMessage) throw new Error(`the training run failed: ${JobRun.ErrorMessage}`)
    await sleep(200)
  }
}

export function credentials({ env }: Pick<Box, 'env'>): { accessKeyId: string; secretAccessKey: string } {
  return { accessKeyId: env['AWS_ACCESS_KEY_ID'] as string, secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] as string }
}

/** How a job reaches Aurora. */
export function jdbc({ mysql }: Pick<Box, 'mysql'>): { url: string; user: string; password: string } {
  const { host, port, database, user, password } = mysql
  return { url: `jdbc:mysql://${host}:${port}/${database}`, user, password }
}
