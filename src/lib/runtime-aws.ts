import type { LakePlace } from './adapters/aws/audit/lake-state.js'
import type { AwsClients } from './adapters/aws/clients.js'
import type { RedshiftWarehouse } from './adapters/aws/redshift/warehouse.js'
import type { AwsOrchestratorOptions } from './adapters/aws/runs/orchestrator.js'
import type { AwsRunOptions } from './adapters/aws/runs/run-reader.js'
import { EtlError } from './core/errors.js'
import type { Stack, StackStatus } from './ports/stack.js'
import { commonRuntime, sqlTexts } from './runtime-common.js'
import type { Runtime, Warn } from './runtime-ports.js'
import type { AwsSettings } from './runtime-settings.js'

/** The adapters of a target on AWS; each client is loaded when it is asked for. */
export function awsRuntime(settings: AwsSettings, warn: Warn): Runtime {
  const common = commonRuntime(settings)
  let made: Promise<AwsClients> | undefined
  const clients = (): Promise<AwsClients> => {
    made ??= import('./adapters/aws/clients.js').then(({ AwsClients }) => {
      const { region, profile, endpoint_url: endpoint } = settings
      return new AwsClients({ region, profile, endpoint })
    })
    return made
  }
  const stack = async (): Promise<Stack> => makeStack(settings, await clients())
  let state: Promise<StackStatus> | undefined
  /** What is needed of a stack that is there, asked once for a command. @param output what it has to name */
  const existing = async (output = 'WorkflowArn'): Promise<StackStatus> => {
    state ??= stack().then((one) => one.status(new AbortController().signal))
    return naming(output, await state, settings, await clients())
  }
  const runs = async (): Promise<AwsRunOptions & { jobs: AwsOrchestratorOptions['jobs'] }> => {
    const { outputs, parameters } = await existing()
    return {
      clients: await clients(),
      workflowArn: outputs['WorkflowArn'] ?? '',
      bucket: settings.bucket,
      clock: common.clock,
      jobs: {
        extract: parameters['ExtractJobName'] ?? '',
        load: parameters['LoadJobName'] ?? '',
        curated: parameters['CuratedJobName'] ?? '',
      },
      defaults: { target: settings.target, source: settings.source },
    }
  }
  const warehouse = async (signal?: AbortSignal): Promise<RedshiftWarehouse> => {
    const { openRedshift } = await import('./adapters/aws/redshift/warehouse.js')
    return openRedshift({ clients: await clients(), ...settings.redshift }, signal, warn)
  }
  const lake = async (): Promise<LakePlace> => {
    const { BucketFiles } = await import('./adapters/aws/runs/bucket-files.js')
    const { outputs, parameters } = await existing()
    return {
      files: new BucketFiles(await clients(), settings.bucket),
      copyRole: outputs['CopyRoleArn'] ?? '',
      retentionDays: Number(parameters['DataRetentionDays'] ?? 400),
    }
  }
  const looks = async () => {
    const { outputs, parameters } = await existing('LooksArn')
    const { jobs, ...options } = await runs()
    const { Looks } = await import('./adapters/aws/looks/looks.js')
    const started = [parameters['LookJobName'] ?? '', jobs.load]
    return new Looks({ ...options, looksArn: outputs['LooksArn'] ?? '', jobs: started })
  }
  const glueBookmarks = async (job: string) =>
    new (await import('./adapters/aws/bookmarks/glue-bookmarks.js')).GlueBookmarks(await clients(), job)
  return {
    ...common,
    orchestrator: async () => {
      const { AwsOrchestrator } = await import('./adapters/aws/runs/orchestrator.js')
      return new AwsOrchestrator(await runs())
    },
    runs: async () => new (await import('./adapters/aws/runs/run-store.js')).AwsRunStore(await runs()),
    audit: async () => {
      const { AwsStoredAudit } = await import('./adapters/aws/audit/stored-audit.js')
      return new AwsStoredAudit({ open: warehouse, texts: sqlTexts, lake, clock: common.clock })
    },
    warehouse,
    stack,
    launcher: () => notYet('run --detach'),
    sourceCheck: async () => new (await import('./adapters/aws/source-check.js')).AwsSourceCheck(looks, warehouse),
    bookmarkChanges: async () => {
      const { AwsBookmarkChanges } = await import('./adapters/aws/bookmarks/changes.js')
      const { Executions } = await import('./adapters/aws/runs/executions.js')
      const { workflowArn, jobs } = await runs()
      return new AwsBookmarkChanges({
        ...{ clients: await clients(), place: settings.redshift, clock: common.clock, warn },
        executions: new Executions(await clients(), workflowArn),
        glue: await glueBookmarks(jobs.extract),
      })
    },
    foreignBookmarks: async () => glueBookmarks((await runs()).jobs.extract),
    bookmarkAudit: async () => new (await import('./adapters/aws/bookmarks/audit.js')).AwsBookmarkAudit(await looks()),
    trace: () => notYet('trace'),
    doctor: async () => {
      const { AwsDoctor } = await import('./adapters/aws/doctor.js')
      const { BucketFiles } = await import('./adapters/aws/runs/bucket-files.js')
      const { Executions } = await import('./adapters/aws/runs/executions.js')
      return new AwsDoctor({
        ...{ clients: await clients(), stack, warehouse, expectedAsOf: () => common.defaultAsOf() },
        files: async () => new BucketFiles(await clients(), settings.bucket),
        executions: async () => new Executions(await clients(), (await runs()).workflowArn),
        runs: async () => new (await import('./adapters/aws/runs/run-store.js')).AwsRunStore(await runs()),
      })
    },
  }
}

/** The state of a stack that names an output. @throws EtlError NOT_FOUND */
async function naming(
  output: string,
  status: StackStatus,
  { stack: name, target }: AwsSettings,
  clients: AwsClients,
): Promise<StackStatus> {
  if (status.outputs[output]) return status
  throw new EtlError(
    status.status === null
      ? `there is no stack ${name} in region ${await clients.region()}`
      : `stack ${name} is ${status.status}, and names no ${output}`,
    {
      code: 'NOT_FOUND',
      suggestions: [
        `rental-etl bootstrap --target ${target}`,
        `rental-etl config explain region --target ${target}   # where the region comes from`,
      ],
    },
  )
}

async function makeStack(settings: AwsSettings, clients: AwsClients): Promise<Stack> {
  const { createStack } = await import('./adapters/aws/stack/create-stack.js')
  const [curated, ledger, presentation] = await Promise.all([
    sqlTexts('curated'),
    sqlTexts('ledger'),
    sqlTexts('presentation'),
  ])
  return createStack(settings, clients, { curated, ledger, presentation })
}

async function notYet(what: string): Promise<never> {
  throw new EtlError(`${what} is not in this version for a target on AWS`, {
    code: 'USAGE',
    suggestions: ['rental-etl --help'],
  })
}
