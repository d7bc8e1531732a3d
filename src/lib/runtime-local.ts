import { createSource } from './adapters/source/create-source.js'
import type { Source } from './adapters/source/source.js'
import { asOfDate, lastCompleteDay } from './core/run/as-of.js'
import { SAMPLE_LAST_DAY } from './core/sample/sample.js'
import type { QualityOverrides } from './core/verify/quality.js'
import { systemClock } from './ports/clock.js'
import type { Runtime, SqlFolder, Warn } from './runtime-ports.js'
import type { LocalSettings } from './runtime-settings.js'

/** The adapters of a target on this machine; those that load the engine are imported when they are asked for. */
export function localRuntime(settings: LocalSettings, warn: Warn): Runtime {
  const { target, home, guards, spec, memory, mapping } = settings
  const clock = systemClock
  const source = (options: { readOnly: boolean }): Source =>
    createSource(spec, { home, mapping, password: () => password(settings), ...options })
  const extract = { home, source, memory, now: () => clock.now() }
  return {
    target,
    home,
    source: settings.source,
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
    runs: async () => new (await import('./adapters/local/home/run-store.js')).LocalRunStore(home),
    launcher: async () => {
      const { LocalLauncher } = await import('./adapters/local/workflow/launcher.js')
      return new LocalLauncher(home, process.argv[1] ?? '')
    },
    sourceCheck: async () => new (await import('./adapters/local/source-check.js')).LocalSourceCheck(extract),
    audit: async () => new (await import('./adapters/local/audit/stored-audit.js')).LocalStoredAudit(home, memory),
    warehouse: async (signal) =>
      (await import('./adapters/local/warehouse/warehouse.js')).openLocalWarehouse(home, signal, warn, memory),
    bookmarkChanges: async () =>
      new (await import('./adapters/local/warehouse/bookmarks.js')).LocalBookmarkChanges(home, clock, warn),
    bookmarkAudit: async () => new (await import('./adapters/local/bookmark-audit.js')).LocalBookmarkAudit(extract),
    trace: async () => new (await import('./adapters/local/trace/trace.js')).LocalTrace(extract),
    doctor: async () =>
      new (await import('./adapters/local/doctor.js')).LocalDoctor({
        ...extract,
        expectedAsOf: () => defaultAsOf(settings, clock.now()),
      }),
    writeText: async (path, text) => (await import('./adapters/files/text-file.js')).writeText(path, text),
    sql: sqlTexts,
  }
}

/** Of a source that the target names, its own reference; the environment's variable is that of the mysql client. */
async function password({ source_password, sourceGiven, configFolder }: LocalSettings): Promise<string | undefined> {
  if (source_password === undefined || sourceGiven) return process.env['MYSQL_PWD']
  const { readSecret } = await import('./adapters/files/secret.js')
  return readSecret(source_password, process.env, configFolder)
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
