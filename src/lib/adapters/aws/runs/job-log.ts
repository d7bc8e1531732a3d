import { type FilteredLogEvent, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { GetJobRunCommand } from '@aws-sdk/client-glue'
import type { AwsClients } from '../clients.js'
import { isNamed } from '../errors.js'
import type { GlueRun } from './fold.js'
import { parseJobLine } from './job-line.js'
import type { JobOutput } from './output-fold.js'

const USUAL_GROUP = '/aws-glue/jobs'
/** A line may appear later than one that was written after it. */
const OVERLAP_MS = 30_000

/** Reads the output of one run of a job on from where it was read to. */
export class JobLog {
  readonly #clients: Pick<AwsClients, 'glue' | 'logs'>
  readonly #run: GlueRun
  readonly #seen = new Set<string>()
  #group: string | undefined
  #newest = 0

  constructor(clients: Pick<AwsClients, 'glue' | 'logs'>, run: GlueRun) {
    this.#clients = clients
    this.#run = run
  }

  /** What our job has said since the last call, oldest first; lines of others are left out. */
  async read(): Promise<JobOutput[]> {
    const found: FilteredLogEvent[] = []
    for (let nextToken: string | undefined; ; ) {
      const page = await this.#page(nextToken)
      found.push(...page.events)
      nextToken = page.nextToken
      if (!nextToken) break
    }
    return found.filter((event) => this.#isNew(event)).flatMap(outputOf)
  }

  #isNew({ eventId = '', logStreamName = '', timestamp = 0 }: FilteredLogEvent): boolean {
    // A stream is named by the run, and on AWS by its part of it, such as the driver.
    if (!logStreamName.startsWith(this.#run.id) || this.#seen.has(eventId)) return false
    this.#seen.add(eventId)
    this.#newest = Math.max(this.#newest, timestamp)
    return true
  }

  async #page(nextToken: string | undefined): Promise<{ events: FilteredLogEvent[]; nextToken: string | undefined }> {
    this.#group ??= await this.#groupName()
    const filter = new FilterLogEventsCommand({
      logGroupName: `${this.#group}/output`,
      logStreamNamePrefix: this.#run.id,
      ...(this.#newest > 0 ? { startTime: this.#newest - OVERLAP_MS } : {}),
      ...(nextToken ? { nextToken } : {}),
    })
    try {
      const page = await (await this.#clients.logs()).send(filter)
      return { events: page.events ?? [], nextToken: page.nextToken }
    } catch (error) {
      // Nothing was ever written, or it is no longer kept.
      if (isNamed(error, 'ResourceNotFoundException')) return { events: [], nextToken: undefined }
      throw error
    }
  }

  /** Shell jobs, and jobs with a security configuration, write elsewhere. */
  async #groupName(): Promise<string> {
    try {
      const get = new GetJobRunCommand({ JobName: this.#run.job, RunId: this.#run.id })
      const { JobRun } = await (await this.#clients.glue()).send(get)
      return (JobRun?.LogGroupName || USUAL_GROUP).replace(/\/$/, '')
    } catch (error) {
      if (isNamed(error, 'EntityNotFoundException')) return USUAL_GROUP
      throw error
    }
  }
}

function outputOf({ message = '', timestamp = 0 }: FilteredLogEvent): JobOutput[] {
  return message.split('\n').flatMap((text) => {
    const line = parseJobLine(text.trim())
    return line ? [{ at: new Date(timestamp), line }] : []
  })
}
