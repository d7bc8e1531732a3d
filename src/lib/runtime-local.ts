import type { SourceSpec } from './core/config/source-spec.js'
import { EtlError } from './core/errors.js'
import { asOfDate, lastCompleteDay } from './core/run/as-of.js'
import { SAMPLE_LAST_DAY } from './core/sample/sample.js'
import type { QualityOverrides } from './core/verify/quality.js'
import { systemClock } from './ports/clock.js'
import type { Runtime, SqlFolder } from './runtime-ports.js'
import type { LocalSettings } from './runtime-settings.js'

/** The adapters of a target on this machine; those that load the engine are imported when they are asked for. */
export function localRuntime(settings: LocalSettings): Runtime {
  const { target, home, guards, source, spec, memory } = settings
  const clock = systemClock
  const sourceFolder = (signal: AbortSignal, scratch?: string): Promise<string> =>
    readySource(spec, home, signal, scratch)
  const extract = { home, sourceFolder, memory }
  return {
    target,
    home,
    source,
    sourceGiven: settings.sourceGiven,
    configPath: settings.configPath,
    configFolder: settings.configFolder,
    schedule: settings.schedule,
    guards,
    settings,
    clock,
    defaultAsOf: (at = clock.now()) => defaultAsOf(settings, at),
    quality: () => quality(settings.configFolder),
    orchestrator: async () => {
      const { LocalOrchestrator } = await import('./adapters/local/workflow/orchestrator.js')
      const jobs = async () => (await import('./adapters/local/jobs/index.js')).createJobs(extract)
      return new LocalOrchestrator({ home, jobs, clock })
    },
    runs: async () => new (await import('./adapters/local/home/run-files.js')).LocalRunStore(home),
    launcher: async () => {
      const { LocalLauncher } = await import('./adapters/local/workflow/launcher.js')
      return new LocalLauncher(home, process.argv[1] ?? '')
    },
    loads: async () => new (await import('./adapters/local/warehouse/load-history.js')).LocalLoadHistory(home),
    planner: async () => new (await import('./adapters/local/planner.js')).LocalPlanner(extract),
    audit: async () => new (await import('./adapters/local/audit/content-audit.js')).LocalContentAudit(extract),
    warehouse: async (signal) =>
      (await import('./adapters/local/warehouse/warehouse.js')).openLocalWarehouse(home, signal),
    bookmarks: async () => new (await import('./adapters/local/warehouse/bookmarks.js')).LocalBookmarks(home),
    doctor: async () => new (await import('./adapters/local/doctor.js')).LocalDoctor(extract),
    writeText: async (path, text) => (await import('./adapters/files/text-file.js')).writeText(path, text),
    sql: sqlTexts,
  }
}

function defaultAsOf({ as_of, spec }: LocalSettings, at: Date): string {
  if (as_of !== undefined) return asOfDate(as_of)
  return spec.kind === 'sample' ? SAMPLE_LAST_DAY : lastCompleteDay(at)
}

async function sqlTexts(folder: SqlFolder): Promise<Record<string, string>> {
  const { readSqlFiles } = await import('./adapters/files/sql-files.js')
  return Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text]))
}

/** The engine is loaded only where there are rules of the user's own to look at. */
async function quality(folder: string): Promise<QualityOverrides> {
  const { readQuality } = await import('./adapters/files/config-quality.js')
  const overrides = await readQuality(folder, Object.keys(await sqlTexts('checks')))
  if (overrides.add?.length)
    await (await import('./adapters/local/warehouse/rule-sql.js')).assertRulesBind(overrides.add)
  return overrides
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
