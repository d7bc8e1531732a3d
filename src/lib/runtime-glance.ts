import type { NewestRun } from './adapters/local/home/newest-run.js'
import type { GivenFlags } from './core/config/settings.js'
import { readInputs, settingsOf } from './runtime-settings.js'

/** What the first screen says of a home; undefined newest where nothing ever ran. */
export interface Glance {
  home: string
  newest: NewestRun | undefined
}

/** Looks at the home that commands would work with, without opening anything. @throws EtlError USAGE, CONFIG_INVALID */
export async function glance(flags: GivenFlags): Promise<Glance> {
  const { home } = settingsOf(await readInputs(flags))
  const { newestRun } = await import('./adapters/local/home/newest-run.js')
  return { home, newest: await newestRun(home) }
}
