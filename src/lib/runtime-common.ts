import { asOfDate, lastCompleteDay } from './core/run/as-of.js'
import { SAMPLE_LAST_DAY } from './core/sample/sample.js'
import type { QualityOverrides } from './core/verify/quality.js'
import { systemClock } from './ports/clock.js'
import type { Runtime, SqlFolder } from './runtime-ports.js'
import type { Settings } from './runtime-settings.js'

/** What a target has by its settings alone, wherever it is. */
type CommonRuntime = Pick<
  Runtime,
  | 'target'
  | 'home'
  | 'source'
  | 'sourceGiven'
  | 'configPath'
  | 'configFolder'
  | 'schedule'
  | 'guards'
  | 'settings'
  | 'clock'
  | 'defaultAsOf'
  | 'quality'
  | 'sql'
  | 'writeText'
>

export function commonRuntime(settings: Settings): CommonRuntime {
  const { target, home, source, sourceGiven, configPath, configFolder, schedule, guards } = settings
  const clock = systemClock
  return {
    ...{ target, home, source, sourceGiven, configPath, configFolder, schedule, guards, settings, clock },
    defaultAsOf: (at = clock.now()) => defaultAsOf(settings, at),
    quality: () => quality(configFolder),
    sql: sqlTexts,
    writeText: async (path, text) => (await import('./adapters/files/text-file.js')).writeText(path, text),
  }
}

function defaultAsOf({ as_of, spec }: Settings, at: Date): string {
  if (as_of !== undefined) return asOfDate(as_of)
  return spec.kind === 'sample' ? SAMPLE_LAST_DAY : lastCompleteDay(at)
}

/** The files of a folder under sql/, by name. */
export async function sqlTexts(folder: SqlFolder): Promise<Record<string, string>> {
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
