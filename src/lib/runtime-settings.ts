import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  assertNoPassword,
  type Candidate,
  CONFIG_NAME,
  type ConfigInputs,
  setting,
  settingValues,
} from './core/config/config.js'
import type { SourceMapping } from './core/config/mapping.js'
import { type MysqlSpec, mysqlUrl, parseMysqlUrl } from './core/config/mysql-url.js'
import type { GivenFlags, SettingValues, TargetKind } from './core/config/settings.js'
import { settingsYaml } from './core/config/settings-text.js'
import { parseSource, type SourceSpec } from './core/config/source-spec.js'
import { EtlError } from './core/errors.js'

/** The settings of one command, with absolute paths, by the kind of the target. */
export type Settings = LocalSettings | AwsSettings

/** What every target has. `home` is absolute. */
interface CommonSettings extends SettingValues {
  /** A flag or the environment named the source. */
  sourceGiven: boolean
  /** Path of rental-etl.yml; undefined where there is none. */
  configPath: string | undefined
  /** Where rental-etl.yml lies, or would lie. */
  configFolder: string
}

/** Those of a target on AWS. */
export interface AwsSettings extends CommonSettings {
  kind: 'aws'
  bucket: string
  source_secret: string
  /** The database that the extract reads, by the secret's user. */
  spec: MysqlSpec
  /** Parameters of the stack that no setting has. */
  parameters: Readonly<Record<string, string>>
}

/** Those of a target on this machine. `source` is absolute, too, and without any password. */
export interface LocalSettings extends CommonSettings {
  kind: 'local'
  spec: SourceSpec
  /** How the source names its tables and columns, as the target has it. */
  mapping: SourceMapping
}

/** What the settings are made of, from this process. @throws EtlError CONFIG_INVALID */
export async function readInputs(flags: GivenFlags): Promise<ConfigInputs> {
  assertNoPassword(flags.source)
  const { findConfig } = await import('./adapters/files/config-file.js')
  const cwd = process.cwd()
  return { flags, env: process.env, cwd, file: await findConfig(cwd) }
}

/** @throws EtlError USAGE, CONFIG_INVALID */
export function settingsOf(inputs: ConfigInputs): Settings {
  const values = settingValues(inputs)
  const configFolder = inputs.file?.folder ?? inputs.cwd
  const home = setting('home', inputs)
  const source = setting('source', inputs)
  const given = ({ from }: Candidate): boolean => from === 'flag' || from === 'environment'
  const absolute = (path: string, named: Candidate): string =>
    resolve(given(named) ? inputs.cwd : configFolder, fromUserFolder(path, inputs.env['HOME'] ?? homedir()))
  const named = parseSource(values.source, source.where, source.from === 'target' ? 'configuration' : 'usage')
  const spec = withPaths(named, (path) => absolute(path, source))
  const common = {
    ...values,
    home: assertHome(absolute(values.home, home), home),
    source: sourceText(spec, values.source),
    sourceGiven: given(source),
    configPath: inputs.file?.path,
    configFolder,
  }
  const target = inputs.file?.targets[values.target]
  if (target?.kind === 'aws') return awsSettings(common, spec, target.parameters ?? {})
  return { ...common, kind: 'local', spec, mapping: target?.mapping ?? {} }
}

/** @throws EtlError CONFIG_INVALID for what an aws target has to name and does not */
function awsSettings(
  common: CommonSettings,
  spec: SourceSpec,
  parameters: Readonly<Record<string, string | number>>,
): AwsSettings {
  const wrong = (message: string, key: string): EtlError =>
    new EtlError(`target ${common.target} of ${common.configPath}: ${message}`, {
      code: 'CONFIG_INVALID',
      suggestions: [`rental-etl config explain ${key} --target ${common.target}`],
    })
  const { bucket, source_secret, redshift } = common
  if (spec.kind !== 'mysql') throw wrong('source has to be a mysql:// URL: it is read by a job on AWS', 'source')
  if (spec.password !== undefined || spec.socket !== undefined)
    throw wrong('source takes neither a password, which stands in source_secret, nor a socket', 'source')
  if (bucket === undefined) throw wrong('bucket is missing', 'bucket')
  if (source_secret === undefined) throw wrong('source_secret is missing', 'source_secret')
  if ((redshift.workgroup === undefined) === (redshift.cluster === undefined))
    throw wrong('redshift takes either workgroup or cluster', 'redshift.workgroup')
  const texts = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
  return { ...common, kind: 'aws', spec, bucket, source_secret, parameters: texts }
}

/** @param absolute of a path that the source names */
function withPaths(spec: SourceSpec, absolute: (path: string) => string): SourceSpec {
  if (spec.kind === 'csv') return { ...spec, folder: absolute(spec.folder) }
  if (spec.kind === 'sample') return spec
  return {
    ...spec,
    ...(spec.socket ? { socket: absolute(spec.socket) } : {}),
    ...(spec.sslCa ? { sslCa: absolute(spec.sslCa) } : {}),
  }
}

/** As it is shown and kept: without any password. */
function sourceText(spec: SourceSpec, given: string): string {
  if (spec.kind === 'csv') return `csv:${spec.folder}`
  return spec.kind === 'mysql' ? mysqlUrl(spec) : given
}

/** In a file, and behind `--home=`, no shell turns ~ into the user's folder. */
function fromUserFolder(path: string, user: string): string {
  return path === '~' || path.startsWith('~/') ? join(user, path.slice(1)) : path
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

/** The source of a configuration that is about to be written. */
export interface NewSource {
  spec: SourceSpec
  /** As it is written: as it was given, without any password. */
  source: string
  home: string
}

/**
 * The source that a flag names, or else the environment: what a mapping is guessed for. A file that there is says nothing
 * of the one to write.
 * @throws EtlError USAGE where there is none, or none that is one
 */
export function newSource({ source, home }: GivenFlags, env: ConfigInputs['env'], cwd: string): NewSource {
  assertNoPassword(source)
  const inputs = { flags: { source, home, target: 'local' }, env, file: undefined, cwd }
  const { spec, sourceGiven, ...settings } = settingsOf(inputs)
  if (!sourceGiven) {
    throw new EtlError('init --guess looks at a source, and none is given', {
      code: 'USAGE',
      suggestions: [
        'rental-etl init --guess --source csv:DIR',
        `rental-etl init --guess --source mysql://USER@HOST:3306/rental_db`,
      ],
    })
  }
  const given = String(setting('source', inputs).value)
  return { spec, source: spec.kind === 'mysql' ? mysqlUrl(parseMysqlUrl(given)) : given, home: settings.home }
}

/** Where `init` writes, and whether there is a file already. */
export async function newConfigPath(): Promise<{ path: string; taken: boolean }> {
  const path = join(process.cwd(), CONFIG_NAME)
  const { isThere } = await import('./adapters/files/text-file.js')
  return { path, taken: await isThere(path) }
}

/**
 * Writes a rental-etl.yml with one target into the working directory, from the template: a local one, or one of kind aws where
 * that is what it shall be called.
 * @param mapping lines of YAML for the target, as `mappingYaml` gives them for `TARGET_INDENT`
 * @returns its path
 * @throws EtlError USAGE where there is one, IO
 */
export async function newConfig({ source, home, target }: GivenFlags, mapping = ''): Promise<string> {
  const kind = target === 'aws' ? 'aws' : 'local'
  assertNoPassword(source)
  if (source !== undefined) parseSource(source, '--source', 'usage')
  const { path, taken } = await newConfigPath()
  if (taken) {
    throw new EtlError(`${path} is there already; nothing was changed`, {
      code: 'USAGE',
      suggestions: ['rental-etl doctor'],
    })
  }
  const { parseDocument } = await import('yaml')
  const document = parseDocument(await configTemplate(kind))
  if (source !== undefined) document.setIn(['targets', kind, 'source'], source)
  if (home !== undefined) document.setIn(['targets', kind, 'home'], home)
  const { writeText } = await import('./adapters/files/text-file.js')
  // The settings of its one target come last in the template.
  await writeText(path, `${document.toString({ lineWidth: 0 })}${mapping === '' ? '' : `${mapping}\n`}`)
  return path
}

/** What stands before a key of a target in the template. */
export const TARGET_INDENT = '    '

/** The text of a new rental-etl.yml: the template, with every setting of a target and its default. */
export async function configTemplate(kind: TargetKind = 'local'): Promise<string> {
  const { readTemplate } = await import('./adapters/files/text-file.js')
  return (await readTemplate(CONFIG_NAME))
    .replaceAll('KIND', kind)
    .replace(/^( *)# SETTINGS$/m, (_, indent: string) => settingsYaml(indent, kind))
}
