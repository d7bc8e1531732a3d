import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { EtlError } from '../../../core/errors.js'
import type { AwsClients } from '../clients.js'
import { isNamed } from '../errors.js'

/** The executions of the workflow; each has the id of its run as its name. */
export class Executions {
  constructor(
    readonly clients: Pick<AwsClients, 'stepFunctions'>,
    readonly workflowArn: string,
  ) {}

  /** @returns false when the name is taken. @throws EtlError NOT_FOUND where there is no workflow */
  async start(name: string, input: string): Promise<boolean> {
    const start = new StartExecutionCommand({ stateMachineArn: this.workflowArn, name, input })
    try {
      await this.#ask((client) => client.send(start))
      return true
    } catch (error) {
      if (isNamed(error, 'ExecutionAlreadyExists')) return false
      throw error
    }
  }

  /** One that has ended stays as it is. */
  async stop(name: string, cause: string): Promise<void> {
    const stop = new StopExecutionCommand({ executionArn: this.#arn(name), error: 'Canceled', cause })
    await this.#ask((client) => client.send(stop))
  }

  /** Undefined for one that is not there, or was 90 days ago. */
  async describe(name: string): Promise<DescribeExecutionOutput | undefined> {
    try {
      return await this.#ask((client) => client.send(new DescribeExecutionCommand({ executionArn: this.#arn(name) })))
    } catch (error) {
      if (isNamed(error, 'ExecutionDoesNotExist')) return undefined
      throw error
    }
  }

  /** Pages of executions, newest first; AWS may show one that has just begun or ended a little later. */
  async *pages(status?: 'RUNNING'): AsyncGenerator<ExecutionListItem[], void> {
    for (let nextToken: string | undefined; ; ) {
      const list = new ListExecutionsCommand({
        stateMachineArn: this.workflowArn,
        ...(status ? { statusFilter: status } : {}),
        ...(nextToken ? { nextToken } : {}),
      })
      const page = await this.#ask((client) => client.send(list))
      yield (page.executions ?? []).sort((a, b) => startOf(b) - startOf(a))
      nextToken = page.nextToken
      if (!nextToken) return
    }
  }

  /** The one that is going on. The list may show one that has just ended. */
  async running(): Promise<string | undefined> {
    for await (const page of this.pages('RUNNING')) {
      for (const { name = '' } of page) if ((await this.describe(name))?.status === 'RUNNING') return name
    }
    return undefined
  }

  /** A page of the history, oldest first. */
  async history(name: string, nextToken?: string): Promise<{ events: HistoryEvent[]; nextToken: string | undefined }> {
    const get = new GetExecutionHistoryCommand({
      executionArn: this.#arn(name),
      maxResults: 1000,
      includeExecutionData: true,
      ...(nextToken ? { nextToken } : {}),
    })
    const page = await this.#ask((client) => client.send(get))
    return { events: page.events ?? [], nextToken: page.nextToken }
  }

  #arn(name: string): string {
    return `${this.workflowArn.replace(':stateMachine:', ':execution:')}:${name}`
  }

  async #ask<Answer>(call: (client: SFNClient) => Promise<Answer>): Promise<Answer> {
    try {
      return await call(await this.clients.stepFunctions())
    } catch (error) {
      if (!isNamed(error, 'StateMachineDoesNotExist', 'StateMachineDeleting')) throw error
      throw new EtlError(`there is no workflow ${this.workflowArn}`, {
        code: 'NOT_FOUND',
        suggestions: ['rental-etl bootstrap'],
        cause: error,
      })
    }
  }
}

function startOf({ startDate }: ExecutionListItem): number {
  return startDate?.getTime() ?? 0
}
