import { createSource } from './adapters/source/create-source.js'
import type { Source } from './adapters/source/source.js'
import { EtlError } from './core/errors.js'
import { commonRuntime } from './runtime-common.js'
import type { Runtime, Warn } from './runtime-ports.js'
import type { LocalSettings } from './runtime-settings.js'

/** The adapters of a target on this machine; those that load the engine are imported when they are asked for. */
export function localRuntime(settings: LocalSettings, warn: Warn): Runtime {
  const { home, spec, memory, mapping } = settings
  const common = commonRuntime(settings)
  const { clock } = common
  const source = (options: { readOnly: boolean }): Source =>
    createSource(spec, { home, mapping, password: () => password(settings), ...options })
  const extract = { home, source, memory, now: () => clock.now() }
  return {
    ...common,
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
    foreignBookmarks: async () => undefined,
    trace: async () => new (await import('./adapters/local/trace/trace.js')).LocalTrace(extract),
    doctor: async () =>
      new (await import('./adapters/local/doctor.js')).LocalDoctor({
        ...extract,
        expectedAsOf: () => common.defaultAsOf(),
      }),
    stack: () => Promise.reject(noStack(settings.target)),
  }
}

/** Of a source that the target names, its own reference; the environment's variable is that of the mysql client. */
async function password({ source_password, sourceGiven, configFolder }: LocalSettings): Promise<string | undefined> {
  if (source_password === undefined || sourceGiven) return process.env['MYSQL_PWD']
  const { readSecret } = await import('./adapters/files/secret.js')
  return readSecret(source_password, process.env, configFolder)
}

function noStack(target: string): EtlError {
  return new EtlError(`target ${target} is on this machine, and needs nothing to be made`, {
    code: 'USAGE',
    suggestions: ['rental-etl run --watch', 'rental-etl bootstrap --target NAME   # a target of kind aws'],
  })
}
