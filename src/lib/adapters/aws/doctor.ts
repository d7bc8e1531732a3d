import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Doctor, Probe } from '../../ports/doctor.js'
import type { RunStore } from '../../ports/run-store.js'
import type { Stack, StackStatus } from '../../ports/stack.js'
import type { Warehouse } from '../../ports/warehouse.js'
import { lastRunProbe } from '../doctor/last-run-probe.js'
import { type Outcome, ok, probe } from '../doctor/probe.js'
import { warehouseProbe } from '../doctor/warehouse-probe.js'
import type { AwsClients } from './clients.js'
import type { BucketFiles } from './runs/bucket-files.js'
import type { Executions } from './runs/executions.js'
import { unfit } from './stack/stack-state.js'

export interface AwsDoctorOptions {
  clients: Pick<AwsClients, 'sts' | 'region'>
  stack(): Promise<Stack>
  files(): Promise<BucketFiles>
  executions(): Promise<Executions>
  runs(): Promise<RunStore>
  warehouse(signal: AbortSignal): Promise<Warehouse>
  /** The as-of date that a run of now would have. */
  expectedAsOf(): string
}

/**
 * What a run on AWS needs, as far as it can be seen from here by the rights of an operator: credentials, stack, schedule, bucket,
 * workflow, warehouse; and what came of the last run. The source is seen from the network of its job alone.
 */
export class AwsDoctor implements Doctor {
  constructor(private readonly options: AwsDoctorOptions) {}

  async *probes(signal: AbortSignal): AsyncGenerator<Probe, void> {
    const { files, executions, runs, warehouse, expectedAsOf } = this.options
    const credentials = await probe('credentials', () => this.#credentials(signal))
    yield credentials
    // Without keys each of the others says the same once more.
    if (credentials.status === 'fail') return yield notLooked('all else', 'it depends on the credentials')
    let found: StackStatus | undefined
    const stack = await probe('stack', async () => {
      found = await (await this.options.stack()).status(signal)
      return this.#stack(found)
    })
    yield stack
    if (!found || stack.status === 'fail') return yield notLooked('all else', 'it depends on the stack')
    yield { name: 'schedule', ...schedule(found) }
    yield await probe('bucket', async () => {
      const bucket = await files()
      // Whether it is there or not: it was looked for.
      await bucket.read('runs/latest.json')
      return ok(`s3://${bucket.bucket} can be read`)
    })
    yield await probe('workflow', async () => {
      const running = await (await executions()).running()
      if (running === undefined) return ok('no run is going on')
      return { status: 'warn', message: `run ${running} is going on`, mend: `rental-etl watch ${running}` }
    })
    const counted = 'rental-etl verify --scope freshness   # lets the job count its rows'
    yield { ...notLooked('source', 'only the job of the extract reaches it'), mend: counted }
    yield await probe('warehouse', async () => {
      await using opened = await warehouse(signal)
      // It is closed at the end.
      return await warehouseProbe(opened, expectedAsOf())
    })
    yield await probe('last run', async () => lastRunProbe(await runs()))
  }

  async #credentials(signal: AbortSignal): Promise<Outcome> {
    const { clients } = this.options
    const client = await clients.sts()
    const { Arn } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal })
    return ok(`${Arn} in region ${await clients.region()}`)
  }

  async #stack(found: StackStatus): Promise<Outcome> {
    const { stack, status } = found
    if (status === null) {
      const message = `there is no stack ${stack} in region ${await this.options.clients.region()}`
      return { status: 'fail', message, mend: 'rental-etl bootstrap --dry-run' }
    }
    const misfit = unfit(found)
    if (misfit) return { status: 'fail', message: misfit.message, mend: misfit.suggestions[0] ?? null }
    return ok(`${stack} is ${status}`)
  }
}

function schedule({ parameters }: StackStatus): Outcome {
  const { ScheduleName: name, ScheduleExpression: when, ScheduleState: state } = parameters
  if (state === 'ENABLED') return ok(`${name}, ${when} in UTC, is on by the stack`)
  return {
    status: 'warn',
    message: `${name} is off by the stack: no run begins by itself`,
    mend: 'rental-etl bootstrap',
  }
}

function notLooked(name: string, why: string): Probe {
  return { name, status: 'skip', message: `not looked at: ${why}`, mend: null }
}
