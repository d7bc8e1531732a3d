import { EtlError } from '../errors.js'
import { nearest } from '../words/nearest.js'
import { holdsPassword, maskValue } from '../words/secrets.js'
import { shellWord } from '../words/shell-word.js'
import {
  ENVIRONMENT,
  flagName,
  type GivenFlags,
  SETTING_KEYS,
  type SettingKey,
  type SettingValues,
  settingRow,
  type TargetConfig,
} from './settings.js'

export { ENVIRONMENT, SETTING_KEYS } from './settings.js'

export const CONFIG_NAME = 'rental-etl.yml'

export interface ConfigFile {
  path: string
  folder: string
  target: string | undefined
  targets: Record<string, TargetConfig>
  /** Line of a key such as `targets.local.home`, from 1. */
  line(key: string): number | undefined
}

/** Everything that settings come from. */
export interface ConfigInputs {
  flags: GivenFlags
  env: Readonly<Record<string, string | undefined>>
  file: ConfigFile | undefined
  cwd: string
}

/** A value that a setting could have, and where it stands. Passwords are masked. */
export interface Candidate {
  from: 'flag' | 'environment' | 'target' | 'default'
  where: string
  value: string | number | null
}

/** The values of a setting, highest precedence first; the first one wins. @throws EtlError for an unknown target */
export function candidates(key: SettingKey, inputs: ConfigInputs): Candidate[] {
  return rawCandidates(key, inputs).map((candidate) => ({
    ...candidate,
    value: typeof candidate.value === 'string' ? maskValue(candidate.value) : candidate.value,
  }))
}

/** The value that wins, unmasked, and where it stands. */
export function setting(key: SettingKey, inputs: ConfigInputs): Candidate {
  // The default is always there.
  return rawCandidates(key, inputs)[0] as Candidate
}

/** The setting of that name. @throws EtlError USAGE with the nearest name */
export function settingKey(text: string): SettingKey {
  const found = SETTING_KEYS.find((key) => key === text)
  if (found) return found
  const near = SETTING_KEYS.find((key) => key.endsWith(`.${text}`)) ?? nearest(text, SETTING_KEYS)[0]
  throw new EtlError(`there is no setting ${text}; settings are ${SETTING_KEYS.join(', ')}`, {
    code: 'USAGE',
    suggestions: [`rental-etl config explain ${near ?? '--help'}`],
  })
}

/**
 * The values of all settings, each where it wins.
 * @throws EtlError USAGE, CONFIG_INVALID for one of a flag or of the environment that is none
 */
export function settingValues(inputs: ConfigInputs): SettingValues {
  const values: Record<string, unknown> = {}
  for (const key of SETTING_KEYS) {
    const [name = '', last] = key.split('.')
    const value = checkedValue(key, setting(key, inputs))
    if (last === undefined) values[name] = value
    else values[name] = { ...(values[name] as object | undefined), [last]: value }
  }
  return { ...values, target: targetName(inputs) } as SettingValues
}

/** The file's values were checked with the file. */
function checkedValue(key: SettingKey, { from, where, value }: Candidate): string | number | undefined {
  const { check } = settingRow(key)
  if (value === null) return undefined
  if (check === undefined || from === 'target' || from === 'default') return value
  try {
    check(String(value))
    return value
  } catch (error) {
    throw new EtlError(`${where}: ${(error as Error).message}`, {
      code: 'USAGE',
      suggestions: [`rental-etl config explain ${key}`],
    })
  }
}

/** The name of the target that is meant. @throws EtlError USAGE for one that does not exist */
export function targetName(inputs: ConfigInputs): string {
  const chosen = setting('target', inputs)
  const name = String(chosen.value)
  const known = Object.keys(inputs.file?.targets ?? {})
  // Without a target of its own, `local` is the one that the tool brings with it.
  if (known.includes(name) || name === 'local') return name
  const near = nearest(name, [...known, 'local'])[0] ?? 'local'
  const targets = inputs.file
    ? `targets of ${inputs.file.path} are ${[...new Set([...known, 'local'])].join(', ')}`
    : `there is no ${CONFIG_NAME}, so there is only the target local`
  throw new EtlError(`there is no target ${name} (${chosen.where}): ${targets}`, {
    code: chosen.from === 'target' ? 'CONFIG_INVALID' : 'USAGE',
    suggestions: inputs.file ? [`rental-etl doctor --target ${shellWord(near)}`] : ['rental-etl init'],
  })
}

/** @throws EtlError USAGE for a flag that holds a password: others can read a process's arguments */
export function assertNoPassword(source: string | undefined): void {
  if (source === undefined || !holdsPassword(source)) return
  throw new EtlError('--source holds a password, and others can read the arguments of a process', {
    code: 'USAGE',
    suggestions: [`export ${ENVIRONMENT.source}=…   # the URL with its password`],
  })
}

function rawCandidates(key: SettingKey, inputs: ConfigInputs): Candidate[] {
  const { env, file } = inputs
  const found: Candidate[] = []
  const row = settingRow(key)
  const flag = row.flag ? inputs.flags[flagName(key)] : undefined
  if (flag !== undefined) found.push({ from: 'flag', where: `--${flagName(key)}`, value: flag })
  const variable = row.env === undefined ? undefined : env[row.env]
  // An empty variable says nothing; but an empty home is told, and not taken for another: a script's variable was not set.
  if (row.env !== undefined && (variable || (variable === '' && key === 'home')))
    found.push({ from: 'environment', where: row.env, value: variable })
  const path = key === 'target' ? 'target' : `targets.${targetName(inputs)}.${key}`
  const value = file && inFile(key, inputs, file)
  if (value !== undefined) found.push({ from: 'target', where: place(file, path), value })
  return [...found, { from: 'default', where: 'default', value: row.default }]
}

function inFile(key: SettingKey, inputs: ConfigInputs, file: ConfigFile): string | number | undefined {
  if (key === 'target') return file.target
  let at: unknown = file.targets[targetName(inputs)]
  for (const step of key.split('.')) at = (at as Record<string, unknown> | undefined)?.[step]
  return at as string | number | undefined
}

function place(file: ConfigFile | undefined, path: string): string {
  const line = file?.line(path)
  return `${file?.path}${line === undefined ? '' : `:${line}`} ${path}`
}
