import { join } from 'node:path'
import type { GivenFlags } from './core/config/settings.js'
import type { SampleWriter } from './ports/sample-writer.js'
import type { SourceSurvey } from './ports/source-survey.js'
import { awsRuntime } from './runtime-aws.js'
import { localRuntime } from './runtime-local.js'
import type { Runtime, Warn } from './runtime-ports.js'
import { newSource, readInputs, type Settings, settingsOf } from './runtime-settings.js'
import { dueOf } from './use-cases/freshness.js'
import type { SmokePorts } from './use-cases/smoke.js'

export type { Runtime } from './runtime-ports.js'

/**
 * The runtime for these flags, the environment, and the nearest rental-etl.yml.
 * @param warn told what was found beside the work
 * @throws EtlError USAGE, CONFIG_INVALID
 */
export async function createRuntime(flags: GivenFlags, warn: Warn = () => undefined): Promise<Runtime> {
  return runtimeOf(settingsOf(await readInputs(flags)), warn)
}

/** The only place that chooses adapters: by the kind of the target. */
function runtimeOf(settings: Settings, warn: Warn): Runtime {
  return settings.kind === 'aws' ? awsRuntime(settings, warn) : localRuntime(settings, warn)
}

/** What writes the made-up source; it asks for no configuration. */
export async function createSamples(): Promise<SampleWriter> {
  return (await import('./adapters/files/sample/index.js')).sampleWriter
}

/**
 * What looks at the source of a flag or of the environment, before there is a configuration.
 * @throws EtlError USAGE where neither names one
 */
export async function createSurvey(flags: GivenFlags): Promise<SourceSurvey> {
  const settings = newSource(flags, process.env, process.cwd())
  const { createSource } = await import('./adapters/source/create-source.js')
  const source = createSource(settings.spec, {
    home: settings.home,
    readOnly: true,
    password: async () => process.env['MYSQL_PWD'],
  })
  return { source: settings.source, look: async (signal) => source.survey?.(signal) }
}

const SMOKE_SCALE = 0.05

/** A local target in a temporary folder, for `ci smoke`. */
export async function createSmoke(): Promise<{ ports: SmokePorts; remove(): Promise<void> }> {
  const { systemScratch } = await import('./adapters/local/home/scratch.js')
  const scratch = await systemScratch()
  const home = join(scratch.path, 'home')
  const flags = { target: 'local', home, source: `sample:${SMOKE_SCALE}` }
  const runtime = runtimeOf(settingsOf({ flags, env: {}, file: undefined, cwd: home }), () => undefined)
  const ports = {
    orchestrator: await runtime.orchestrator(),
    warehouse: (signal?: AbortSignal) => runtime.warehouse(signal),
    audit: await runtime.audit(),
    source: await runtime.sourceCheck(),
    checks: await runtime.sql('checks'),
    ledger: await runtime.sql('ledger'),
    views: await runtime.sql('presentation'),
    runs: await runtime.runs(),
    clock: runtime.clock,
    asOf: runtime.defaultAsOf(),
    due: dueOf(runtime.settings, runtime.defaultAsOf),
  }
  return { ports, remove: scratch.remove }
}
