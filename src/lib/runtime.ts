import { join } from 'node:path'
import { DEFAULT_SCHEDULE } from './core/config/config.js'
import type { SourceSpec } from './core/config/source-spec.js'
import { EtlError } from './core/errors.js'
import { asOfDate, lastCompleteDay } from './core/run/as-of.js'
import { DEFAULT_GUARDS, type Guards } from './core/run/guards.js'
import { SAMPLE_LAST_DAY } from './core/sample/sample.js'
import type { QualityOverrides } from './core/verify/quality.js'
import type { BookmarkReset } from './ports/bookmarks.js'
import { type Clock, systemClock } from './ports/clock.js'
import type { ContentAudit } from './ports/content-audit.js'
import type { Doctor } from './ports/doctor.js'
import type { Launcher } from './ports/launcher.js'
import type { Orchestrator } from './ports/orchestrator.js'
import type { Planner } from './ports/planner.js'
import type { RunStore } from './ports/run-store.js'
import type { SampleWriter } from './ports/sample-writer.js'
import type { Warehouse } from './ports/warehouse.js'
import { type GlobalFlags, readInputs, type Settings, settingsOf } from './runtime-settings.js'
import type { SmokePorts } from './use-cases/smoke.js'

/** What a command works with: the adapters of the chosen target, made when they are asked for. */
export interface Runtime {
  target: string
  home: string
  /** As a text, without any password; its folder is absolute. */
  source: string
  /** A flag or the environment named the source. */
  sourceGiven: boolean
  /** Path of rental-etl.yml; undefined where there is none. */
  configPath: string | undefined
  /** Where rental-etl.yml lies, or would lie. */
  configFolder: string
  /** When the nightly run is due: five fields of crontab, in UTC. */
  schedule: string
  clock: Clock
  guards: Guards
  defaultAsOf(): string
  /** quality.yml beside the configuration file, or {}. */
  quality(): Promise<QualityOverrides>
  orchestrator(): Promise<Orchestrator>
  runs(): Promise<RunStore>
  launcher(): Promise<Launcher>
  planner(): Promise<Planner>
  audit(): Promise<ContentAudit>
  /** @throws EtlError NO_WAREHOUSE when there is none yet */
  warehouse(signal?: AbortSignal): Promise<Warehouse>
  bookmarkReset(): Promise<BookmarkReset>
  doctor(): Promise<Doctor>
  /** Writes a file that the user named. @throws EtlError IO */
  writeText(path: string, text: string): Promise<void>
  /** Files of one folder under sql/, by name without ending. */
  sql(folder: 'checks' | 'ledger' | 'curated' | 'presentation'): Promise<Record<string, string>>
}

type Warn = (text: string) => void

/**
 * The runtime for these flags, the environment, and the nearest rental-etl.yml.
 * @param warn told what was found beside the work
 * @throws EtlError USAGE, CONFIG_INVALID
 */
export async function createRuntime(flags: GlobalFlags, warn: Warn = () => undefined): Promise<Runtime> {
  return localRuntime(settingsOf(await readInputs(flags)), warn)
}

function localRuntime(settings: Settings, warn: Warn): Runtime {
  const { target, home, guards, source, spec } = settings
  const clock = systemClock
  const sourceFolder = (signal: AbortSignal, scratch?: string): Promise<string> =>
    readySource(spec, home, signal, scratch)
  const extract = { home, sourceFolder }
  return {
    target,
    home,
    source,
    sourceGiven: settings.sourceGiven,
    configPath: settings.configPath,
    configFolder: settings.configFolder,
    schedule: settings.schedule,
    clock,
    guards,
    defaultAsOf: () => defaultAsOf(settings, clock),
    quality: async () => (await import('./adapters/files/config-quality.js')).readQuality(settings.configFolder),
    orchestrator: async () => {
      const { LocalOrchestrator } = await import('./adapters/local/workflow/orchestrator.js')
      const jobs = async () => (await import('./adapters/local/jobs/index.js')).createJobs(extract)
      return new LocalOrchestrator({ home, jobs, clock })
    },
    runs: async () => new (await import('./adapters/local/home/run-store.js')).LocalRunStore(home),
    launcher: async () => {
      const { LocalLauncher } = await import('./adapters/local/workflow/launcher.js')
      return new LocalLauncher(home, process.argv[1] ?? '')
    },
    planner: async () => new (await import('./adapters/local/planner.js')).LocalPlanner(extract),
    audit: async () => new (await import('./adapters/local/audit/content-audit.js')).LocalContentAudit(extract),
    warehouse: async (signal) =>
      (await import('./adapters/local/warehouse/warehouse.js')).openLocalWarehouse(home, signal, warn),
    bookmarkReset: async () =>
      new (await import('./adapters/local/warehouse/bookmarks.js')).LocalBookmarkReset(home, warn),
    doctor: async () =>
      new (await import('./adapters/local/doctor.js')).LocalDoctor({
        ...extract,
        expectedAsOf: () => defaultAsOf(settings, clock),
      }),
    writeText: async (path, text) => (await import('./adapters/files/text-file.js')).writeText(path, text),
    sql: async (folder) => {
      const { readSqlFiles } = await import('./adapters/files/sql-files.js')
      return Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text]))
    },
  }
}

/** What writes the made-up source; it asks for no configuration. */
export async function createSamples(): Promise<SampleWriter> {
  return (await import('./adapters/files/sample/index.js')).sampleWriter
}

const SMOKE_SCALE = 0.05

/** A local target in a temporary folder, for `ci smoke`. */
export async function createSmoke(): Promise<{ ports: SmokePorts; remove(): Promise<void> }> {
  const { tmpdir } = await import('node:os')
  const { openScratch } = await import('./adapters/local/home/scratch.js')
  const scratch = await openScratch(tmpdir())
  const home = join(scratch.path, 'home')
  const runtime = localRuntime(
    {
      target: 'smoke',
      home,
      spec: { kind: 'sample', scale: SMOKE_SCALE },
      source: `sample:${SMOKE_SCALE}`,
      sourceGiven: false,
      asOf: undefined,
      schedule: DEFAULT_SCHEDULE,
      guards: DEFAULT_GUARDS,
      configPath: undefined,
      configFolder: home,
    },
    () => undefined,
  )
  const ports = {
    orchestrator: await runtime.orchestrator(),
    warehouse: () => runtime.warehouse(),
    audit: await runtime.audit(),
    checks: await runtime.sql('checks'),
    ledger: await runtime.sql('ledger'),
    views: Object.keys(await runtime.sql('presentation')),
    clock: runtime.clock,
    asOf: runtime.defaultAsOf(),
  }
  return { ports, remove: scratch.remove }
}

function defaultAsOf({ asOf, spec }: Settings, clock: Clock): string {
  if (asOf !== undefined) return asOfDate(asOf)
  return spec.kind === 'sample' ? SAMPLE_LAST_DAY : lastCompleteDay(clock.now())
}

/** The source's folder of CSV files; a sample is made now, unless it is there. @throws EtlError SOURCE_MISSING */
async function readySource(source: SourceSpec, home: string, signal: AbortSignal, scratch?: string): Promise<string> {
  if (source.kind === 'sample') {
    const { ensureSample, isSample } = await import('./adapters/files/sample/index.js')
    const { homePaths } = await import('./adapters/local/home/paths.js')
    const kept = homePaths(home).sample(source.scale)
    const folder = scratch && !(await isSample(kept, source.scale)) ? homePaths(scratch).sample(source.scale) : kept
    await ensureSample(folder, { scale: source.scale, signal })
    return folder
  }
  const { stat } = await import('node:fs/promises')
  const found = await stat(source.folder).catch(() => undefined)
  if (found?.isDirectory()) return source.folder
  throw new EtlError(`source folder ${source.folder} ${found ? 'is not a folder' : 'does not exist'}`, {
    code: 'SOURCE_MISSING',
    suggestions: ['rental-etl run --source csv:DIR', 'rental-etl config explain source'],
  })
}
