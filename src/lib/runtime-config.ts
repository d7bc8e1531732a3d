import { join, resolve } from 'node:path'
import { assertNoPassword, type ConfigInputs, guardsOf, setting, targetName } from './core/config.js'
import type { Guards } from './core/guards.js'
import { maskSecrets } from './core/secrets.js'
import { parseSource, type SourceSpec } from './core/source-spec.js'

/** The global flags as they were given. */
export interface GlobalFlags {
  target?: string | undefined
  home?: string | undefined
  source?: string | undefined
}

/** The settings of one command, with absolute paths. */
export interface Settings {
  target: string
  home: string
  source: SourceSpec
  /** As it was given, without any password. */
  sourceSpec: string
  asOf: string | undefined
  schedule: string
  guards: Guards
  /** Path of rental-etl.yml; undefined where there is none. */
  configPath: string | undefined
  /** Where rental-etl.yml lies, or would lie. */
  configFolder: string
}

/** What the settings are made of, from this process. @throws EtlError CONFIG_INVALID */
export async function readInputs(flags: GlobalFlags): Promise<ConfigInputs> {
  assertNoPassword(flags.source)
  const { findConfig } = await import('./adapters/files/config-file.js')
  const cwd = process.cwd()
  return { flags, env: process.env, cwd, file: await findConfig(cwd) }
}

/** @throws EtlError USAGE, CONFIG_INVALID */
export function settingsOf(inputs: ConfigInputs): Settings {
  const target = targetName(inputs)
  const configFolder = inputs.file?.folder ?? inputs.cwd
  const home = setting('home', inputs)
  const source = setting('source', inputs)
  const base = (from: string): string => (from === 'target' || from === 'default' ? configFolder : inputs.cwd)
  const spec = parseSource(String(source.value), source.where, source.from === 'target' ? 'configuration' : 'usage')
  const asOf = setting('as_of', inputs).value
  return {
    target,
    home: resolve(base(home.from), String(home.value)),
    source: spec.kind === 'csv' ? { kind: 'csv', folder: resolve(base(source.from), spec.folder) } : spec,
    sourceSpec: maskSecrets(String(source.value)),
    asOf: asOf === null ? undefined : String(asOf),
    schedule: String(setting('schedule', inputs).value),
    guards: guardsOf(inputs),
    configPath: inputs.file?.path,
    configFolder,
  }
}

/** Where a new rental-etl.yml goes. */
export function newConfigPath(name: string): string {
  return join(process.cwd(), name)
}
