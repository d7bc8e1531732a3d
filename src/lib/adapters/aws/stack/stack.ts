import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  type Stack as StackDescription,
} from '@aws-sdk/client-cloudformation'
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Stack, StackEvent, StackPlan, StackStatus } from '../../../ports/stack.js'
import type { AwsClients } from '../clients.js'
import { isNamed } from '../errors.js'
import type { ReleaseFiles } from './release-files.js'
import { resourceChanges } from './resources.js'
import { describedAs, failed, notTaken, unfit } from './stack-state.js'
import { failureReason } from './validation-issues.js'

export interface AwsStackOptions {
  clients: AwsClients
  stack: string
  bucket: string
  template: string
  /** @param scheduled the schedule is on */
  parameters(scheduled: boolean): Record<string, string>
  release: ReleaseFiles
  /** Statements that bring the warehouse up to the release: those of one list are one transaction. */
  warehouse: readonly (readonly string[])[]
  send(statements: readonly string[], signal: AbortSignal): Promise<void>
  /** Makes what the statements grant to, where it is missing. */
  prepare(signal: AbortSignal): Promise<void>
  /** Makes names of change sets. */
  now(): Date
}

const LOOK_MS = 1000
const TAGS = [{ Key: 'app', Value: 'rental-etl' }]

/** A stack of CloudFormation, made of the template by change sets. */
export class AwsStack implements Stack {
  constructor(private readonly options: AwsStackOptions) {}

  async status(signal: AbortSignal): Promise<StackStatus> {
    return describedAs(this.options.stack, await this.#describe(signal))
  }

  async plan(signal: AbortSignal): Promise<StackPlan> {
    const { stack, template, warehouse } = this.options
    const found = describedAs(stack, await this.#describe(signal))
    const isThere = found.status !== null && found.status !== 'REVIEW_IN_PROGRESS'
    const before = isThere ? await this.#template(signal) : ''
    const wanted = this.options.parameters(true)
    const parameters = Object.entries(wanted).flatMap(([name, to]) => {
      const from = found.parameters[name] ?? null
      return from === to ? [] : [{ name, from, to }]
    })
    const changes = resourceChanges(before, template, isThere ? parameters.map(({ name }) => name) : [])
    const isDone = isThere && (await this.#has(this.#doneKey(), signal))
    const uploads = isDone ? [] : await this.#missing(isThere, signal)
    return {
      stack,
      status: found.status,
      unchanged: isDone && changes.length === 0 && parameters.length === 0,
      parameters,
      changes,
      uploads,
      statements: isDone ? 0 : warehouse.flat().length,
    }
  }

  async *apply(signal: AbortSignal): AsyncGenerator<StackEvent, void> {
    const plan = await this.plan(signal)
    if (plan.unchanged) return
    const misfit = unfit(plan)
    if (misfit) throw misfit
    const isNew = plan.status === null || plan.status === 'REVIEW_IN_PROGRESS'
    // A schedule that is on before its scripts are there would start a run that cannot succeed.
    if (isNew) yield* this.#update('CREATE', this.options.parameters(false), signal)
    yield* this.#upload(signal)
    yield* this.#fill(signal)
    yield* this.#update('UPDATE', this.options.parameters(true), signal)
  }

  async *#upload(signal: AbortSignal): AsyncGenerator<StackEvent, void> {
    const missing = await this.#missing(true, signal)
    if (missing.length > 0) yield { type: 'step', message: `uploading ${missing.length} files of the release` }
    const s3 = await this.options.clients.s3()
    for (const { key, body } of this.options.release.files) {
      if (!missing.includes(key)) continue
      await s3.send(new PutObjectCommand({ Bucket: this.options.bucket, Key: key, Body: body }), {
        abortSignal: signal,
      })
    }
  }

  async *#fill(signal: AbortSignal): AsyncGenerator<StackEvent, void> {
    if (await this.#has(this.#doneKey(), signal)) return
    const { warehouse, bucket, clients } = this.options
    yield { type: 'step', message: `bringing the warehouse up to the release: ${warehouse.flat().length} statements` }
    await this.options.prepare(signal)
    for (const statements of warehouse) await this.options.send(statements, signal)
    const s3 = await clients.s3()
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: this.#doneKey(), Body: '{}\n' }), { abortSignal: signal })
  }

  /** Makes a change set, tells what happens, and waits for its end; one that changes nothing is taken back. */
  async *#update(
    kind: 'CREATE' | 'UPDATE',
    parameters: Record<string, string>,
    signal: AbortSignal,
  ): AsyncGenerator<StackEvent, void> {
    const { stack, template, clients, now } = this.options
    const client = await clients.cloudFormation()
    const begin = now()
    const made = await client
      .send(
        new CreateChangeSetCommand({
          StackName: stack,
          ChangeSetName: `rental-etl-${begin.getTime()}`,
          ChangeSetType: kind,
          TemplateBody: template,
          Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
            ParameterKey,
            ParameterValue,
          })),
          Capabilities: ['CAPABILITY_NAMED_IAM'],
          Tags: TAGS,
        }),
        { abortSignal: signal },
      )
      .catch((error) => {
        throw isNamed(error, 'ValidationError') ? notTaken(error, stack) : error
      })
    const id = made.Id as string
    const count = await this.#changes(client, id, signal)
    if (count === undefined) return
    yield { type: 'step', message: `${kind === 'CREATE' ? 'making' : 'updating'} stack ${stack}: ${count} changes` }
    await client.send(new ExecuteChangeSetCommand({ ChangeSetName: id, StackName: stack }), { abortSignal: signal })
    yield* this.#events(client, begin, signal)
  }

  /** How many changes a change set has; undefined for none. @throws EtlError where one would remove the bucket */
  async #changes(client: CloudFormationClient, id: string, signal: AbortSignal): Promise<number | undefined> {
    const { stack } = this.options
    const command = new DescribeChangeSetCommand({ ChangeSetName: id, StackName: stack })
    let found = await client.send(command, { abortSignal: signal })
    while (found.Status?.endsWith('_PENDING') || found.Status?.endsWith('_IN_PROGRESS')) {
      await sleep(LOOK_MS / 4, undefined, { signal })
      found = await client.send(command, { abortSignal: signal })
    }
    const takeBack = (): Promise<unknown> =>
      client.send(new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stack }), { abortSignal: signal })
    if (found.Status === 'FAILED') {
      await takeBack()
      if (/didn't contain changes|No updates are to be performed/i.test(found.StatusReason ?? '')) return undefined
      throw failed(`stack ${stack} cannot be changed: ${found.StatusReason}`, stack)
    }
    const anew = found.Changes?.find(
      ({ ResourceChange }) => ResourceChange?.Replacement === 'True' && ResourceChange.LogicalResourceId === 'Bucket',
    )
    if (anew) {
      await takeBack()
      throw failed(
        `stack ${stack} would get another bucket: the lake in the one that it has would be left behind`,
        stack,
      )
    }
    return found.Changes?.length ?? 0
  }

  async *#events(client: CloudFormationClient, begin: Date, signal: AbortSignal): AsyncGenerator<StackEvent, void> {
    const { stack } = this.options
    const told = new Set<string>()
    let first: string | undefined
    for (;;) {
      const found = await this.#describe(signal)
      const page = await client.send(new DescribeStackEventsCommand({ StackName: stack }), { abortSignal: signal })
      for (const event of (page.StackEvents ?? []).toReversed()) {
        const id = event.EventId ?? ''
        if (told.has(id) || (event.Timestamp ?? begin) < begin) continue
        told.add(id)
        const {
          LogicalResourceId: resource = '',
          ResourceStatus: status = '',
          ResourceStatusReason: reason = null,
        } = event
        if (status.endsWith('_FAILED') && !/cancelled/i.test(reason ?? '')) first ??= `${resource}: ${reason ?? status}`
        yield { type: 'resource', resource, status, reason }
      }
      const state = found?.StackStatus ?? 'DELETE_COMPLETE'
      if (!state.endsWith('_IN_PROGRESS')) {
        if (state === 'CREATE_COMPLETE' || state === 'UPDATE_COMPLETE') return
        const why = first ? `; ${await failureReason(client, { stack, reason: first }, signal)}` : ''
        throw failed(`stack ${stack} is ${state}${why}`, stack, state)
      }
      await sleep(LOOK_MS, undefined, { signal })
    }
  }

  async #describe(signal: AbortSignal): Promise<StackDescription | undefined> {
    const client = await this.options.clients.cloudFormation()
    try {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: this.options.stack }), {
        abortSignal: signal,
      })
      return Stacks?.[0]
    } catch (error) {
      // CloudFormation has no name of its own for what is not there.
      if (isNamed(error, 'ValidationError') && /does not exist/.test((error as Error).message)) return undefined
      throw error
    }
  }

  async #template(signal: AbortSignal): Promise<string> {
    const client = await this.options.clients.cloudFormation()
    const { TemplateBody } = await client.send(
      new GetTemplateCommand({ StackName: this.options.stack, TemplateStage: 'Original' }),
      { abortSignal: signal },
    )
    return TemplateBody ?? ''
  }

  /** Written when the warehouse has been brought up to the release: nothing of it is left to do. */
  #doneKey(): string {
    return `${this.options.release.prefix}/applied.json`
  }

  /** Files of the release that the bucket lacks, in the release's order. */
  async #missing(isThere: boolean, signal: AbortSignal): Promise<string[]> {
    const missing: string[] = []
    for (const { key } of this.options.release.files) if (!isThere || !(await this.#has(key, signal))) missing.push(key)
    return missing
  }

  async #has(key: string, signal: AbortSignal): Promise<boolean> {
    const s3: S3Client = await this.options.clients.s3()
    try {
      await s3.send(new HeadObjectCommand({ Bucket: this.options.bucket, Key: key }), { abortSignal: signal })
      return true
    } catch (error) {
      if (isNamed(error, 'NotFound', 'NoSuchKey', 'NoSuchBucket')) return false
      throw error
    }
  }
}
