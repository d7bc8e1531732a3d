import type { HistoryEvent } from '@aws-sdk/client-sfn'
import type { AwsRunOptions } from '../../src/lib/adapters/aws/runs/run-reader.js'

interface FakeExecution {
  name: string
  startDate: Date
  status: string
  input: string
  cause?: string
  events: HistoryEvent[]
}

type Input = Record<string, unknown> & { [name: string]: string }

const WORKFLOW = 'arn:aws:states:eu-west-1:123456789012:stateMachine:W'

/** Step Functions, S3, Glue and logs as far as runs need them, in memory: it does what its test says, nothing by itself. */
export class FakeAws {
  readonly executions: FakeExecution[] = []
  readonly files = new Map<string, string>()
  readonly runs: {
    JobName: string
    Id: string
    JobRunState: string
    Arguments: Record<string, string>
    LogGroupName?: string
  }[] = []
  readonly lines: { logGroupName: string; logStreamName: string; timestamp: number; message: string }[] = []
  /** Names of the calls, in order. */
  readonly calls: string[] = []
  /** What the next calls of a name throw; undefined lets one pass. */
  readonly failures: Record<string, (Error | undefined)[]> = {}
  /** What happens with a call, before it is answered. */
  readonly on: Record<string, (input: Input) => void> = {}
  pageSize = 2

  readonly clients: AwsRunOptions['clients'] = (() => {
    const client = async (): Promise<never> => ({ send: (command: { input: Input }) => this.#send(command) }) as never
    return { glue: client, logs: client, s3: client, stepFunctions: client }
  })()

  options(now = '2026-05-04T03:00:00.000Z'): AwsRunOptions {
    const pace = { first: 1, most: 2, settle: 5, tries: 3, trouble: 1, longest: 2 }
    const defaults = { target: 'prod', source: 'mysql://db/rental_db' }
    const clock = { now: () => new Date(now) }
    return { clients: this.clients, workflowArn: WORKFLOW, bucket: 'lake', clock, defaults, pace }
  }

  /** An execution that began after those before it. */
  begin(name: string, events: HistoryEvent[] = [], status = 'RUNNING', input: object = {}): FakeExecution {
    const startDate = new Date(Date.parse('2026-05-04T02:00:00.000Z') + this.executions.length * 60_000)
    const execution = { name, startDate, status, input: JSON.stringify(input), events }
    this.executions.unshift(execution)
    return execution
  }

  json(key: string): unknown {
    return JSON.parse(this.files.get(key) ?? 'null')
  }

  async #send(command: { input: Input }): Promise<unknown> {
    const name = command.constructor.name.replace(/Command$/, '')
    this.calls.push(name)
    const failure = this.failures[name]?.shift()
    if (failure) throw failure
    this.on[name]?.(command.input)
    const answer = this.#answers[name]
    if (!answer) throw new Error(`${name} is not in the fake`)
    return answer(command.input)
  }

  readonly #answers: Record<string, (input: Input) => unknown> = {
    StartExecution: ({ name, input }) => {
      if (this.executions.some((one) => one.name === name)) throw named('ExecutionAlreadyExists')
      this.begin(String(name), [], 'RUNNING', JSON.parse(String(input)))
      return {}
    },
    StopExecution: ({ executionArn, cause }) => {
      const one = this.#named(String(executionArn))
      if (one.status === 'RUNNING') Object.assign(one, { status: 'ABORTED', cause })
      return {}
    },
    DescribeExecution: ({ executionArn }) => this.#named(String(executionArn)),
    GetExecutionHistory: ({ executionArn, nextToken }) => {
      const { events } = this.#named(String(executionArn))
      return paged(events, nextToken, this.pageSize, 'events')
    },
    ListExecutions: ({ statusFilter, nextToken }) => {
      const found = this.executions.filter(({ status }) => !statusFilter || status === statusFilter)
      return paged(found, nextToken, this.pageSize, 'executions')
    },
    GetObject: ({ Key }) => {
      const text = this.files.get(String(Key))
      if (text === undefined) throw named('NoSuchKey')
      return { Body: { transformToString: async () => text } }
    },
    PutObject: ({ Key, Body, IfNoneMatch }) => {
      if (IfNoneMatch && this.files.has(String(Key))) throw named('PreconditionFailed')
      this.files.set(String(Key), String(Body))
      return {}
    },
    DeleteObject: ({ Key }) => ({ done: this.files.delete(String(Key)) }),
    ListObjectsV2: ({ Prefix, Delimiter, ContinuationToken }) => {
      const rest = [...this.files.keys()].filter((key) => key.startsWith(String(Prefix)))
      if (!Delimiter) return { Contents: rest.map((Key) => ({ Key })) }
      const folders = [...new Set(rest.map((key) => key.slice(String(Prefix).length).split('/')[0]))].sort()
      const page = paged(folders, ContinuationToken, this.pageSize, 'names') as { names: string[]; nextToken?: string }
      const CommonPrefixes = page.names.map((name) => ({ Prefix: `${Prefix}${name}/` }))
      return { CommonPrefixes, IsTruncated: page.nextToken !== undefined, NextContinuationToken: page.nextToken }
    },
    GetJobRun: ({ RunId }) => {
      const JobRun = this.runs.find(({ Id }) => Id === RunId)
      if (!JobRun) throw named('EntityNotFoundException')
      return { JobRun }
    },
    GetJobRuns: ({ JobName }) => ({ JobRuns: this.runs.filter((run) => run.JobName === JobName) }),
    BatchStopJobRun: ({ JobRunIds }) => {
      for (const run of this.runs) if (JobRunIds?.includes(run.Id)) run.JobRunState = 'STOPPED'
      return {}
    },
    FilterLogEvents: ({ logGroupName, startTime, nextToken }) => {
      const found = this.lines
        .map((line, at) => ({ ...line, eventId: `${at}` }))
        .filter((line) => line.logGroupName === logGroupName && line.timestamp >= Number(startTime ?? 0))
      if (found.length === 0 && !this.lines.some((line) => line.logGroupName === logGroupName))
        throw named('ResourceNotFoundException')
      return paged(found, nextToken, this.pageSize, 'events')
    },
  }

  #named(arn: string): FakeExecution {
    const found = this.executions.find(({ name }) => arn.endsWith(`:execution:W:${name}`))
    if (!found) throw named('ExecutionDoesNotExist')
    return found
  }
}

/** An error of a service. */
export function named(name: string, fields: object = {}): Error {
  return Object.assign(new Error(name), { name, ...fields })
}

function paged(all: readonly unknown[], token: string | undefined, size: number, key: string): object {
  const at = Number(token ?? 0)
  return { [key]: all.slice(at, at + size), ...(at + size < all.length ? { nextToken: `${at + size}` } : {}) }
}
