import { join, resolve } from 'node:path'
import {
  assertNoPassword,
  type Candidate,
  CONFIG_NAME,
  type ConfigInputs,
  guardsOf,
  setting,
  targetName,
} from './core/config/config.js'
import { parseSource, type SourceSpec } from './core/config/source-spec.js'
import { EtlError } from './core/errors.js'
import type { Guards } from './core/run/guards.js'
import { maskSecrets } from './core/words/secrets.js'

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
  spec: SourceSpec
  /** The same as a text, without any password; its folder is absolute. */
  source: string
  /** A flag or the environment named the source. */
  sourceGiven: boolean
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
  const folder = spec.kind === 'csv' ? resolve(base(source.from), spec.folder) : undefined
  return {
    target,
    home: assertHome(resolve(base(home.from), String(home.value)), home),
    spec: folder === undefined ? spec : { kind: 'csv', folder },
    source: folder === undefined ? maskSecrets(String(source.value)) : `csv:${folder}`,
    sourceGiven: source.from === 'flag' || source.from === 'environment',
    asOf: asOf === null ? undefined : String(asOf),
    schedule: String(setting('schedule', inputs).value),
    guards: guardsOf(inputs),
    configPath: inputs.file?.path,
    configFolder,
  }
}

/**
 * Empty, it would mean the working directory; and the engine takes what stands behind a question mark in a file's path
 * for options. @throws EtlError USAGE, CONFIG_INVALID
 */
function assertHome(path: string, { from, where, value }: Candidate): string {
  const code = from === 'target' || from === 'default' ? 'CONFIG_INVALID' : 'USAGE'
  if (String(value).trim() === '') {
    throw new EtlError(`${where} is empty: it names the folder for lake, warehouse and runs`, {
      code,
      suggestions: ['rental-etl run --home .rental-etl'],
    })
  }
  if (!path.includes('?')) return path
  throw new EtlError(`${where}: a question mark cannot stand in the path of a home: ${path}`, {
    code,
    suggestions: ['rental-etl run --home DIR   # a path without a question mark'],
  })
}

/**
 * Writes a rental-etl.yml with a local target into the working directory, from the template.
 * @returns its path
 * @throws EtlError USAGE where there is one, IO
 */
export async function newConfig({ source, home }: GlobalFlags): Promise<string> {
  assertNoPassword(source)
  if (source !== undefined) parseSource(source, '--source', 'usage')
  const path = join(process.cwd(), CONFIG_NAME)
  const { isThere, readTemplate, writeText } = await import('./adapters/files/text-file.js')
  if (await isThere(path)) {
    throw new EtlError(`${path} is there already; nothing was changed`, {
      code: 'USAGE',
      suggestions: ['rental-etl doctor'],
    })
  }
  const { parseDocument } = await import('yaml')
  const document = parseDocument(await readTemplate(CONFIG_NAME))
  if (source !== undefined) document.setIn(['targets', 'local', 'source'], source)
  if (home !== undefined) document.setIn(['targets', 'local', 'home'], home)
  await writeText(path, document.toString({ lineWidth: 0 }))
  return path
}
