import { EtlError } from '../errors.js'
import { DEFAULT_GUARDS, type Guards } from '../run/guards.js'
import { nearest } from '../words/nearest.js'
import { holdsPassword, maskSecrets } from '../words/secrets.js'

export const CONFIG_NAME = 'rental-etl.yml'
export const DEFAULT_SCHEDULE = '0 2 * * *'

/** Environment variables that the tool reads by itself. */
export const ENVIRONMENT = {
  target: 'RENTAL_ETL_TARGET',
  home: 'RENTAL_ETL_HOME',
  source: 'RENTAL_ETL_SOURCE',
} as const

/** What can be set, as `config explain` names it. */
export const SETTING_KEYS = [
  'target',
  'source',
  'home',
  'as_of',
  'schedule',
  'guards.max_deleted',
  'guards.max_deleted_min_rows',
  'guards.max_quarantined',
] as const
export type SettingKey = (typeof SETTING_KEYS)[number]

/** A target as rental-etl.yml has it; paths are relative to the file. */
export interface TargetConfig {
  kind: 'local'
  source?: string | undefined
  home?: string | undefined
  as_of?: string | undefined
  schedule?: string | undefined
  guards?: { [Key in keyof Guards]?: number | undefined } | undefined
}

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
  flags: { target?: string | undefined; home?: string | undefined; source?: string | undefined }
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
    value: typeof candidate.value === 'string' ? maskSecrets(candidate.value) : candidate.value,
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
  const near = nearest(text, SETTING_KEYS)[0] ?? SETTING_KEYS.find((key) => key.endsWith(`.${text}`))
  throw new EtlError(`there is no setting ${text}; settings are ${SETTING_KEYS.join(', ')}`, {
    code: 'USAGE',
    suggestions: [`rental-etl config explain ${near ?? 'home'}`],
  })
}

/** The guards of the target, the default where it says nothing. */
export function guardsOf(inputs: ConfigInputs): Guards {
  const value = (name: keyof Guards): number => Number(setting(`guards.${name}`, inputs).value)
  return {
    max_deleted: value('max_deleted'),
    max_deleted_min_rows: value('max_deleted_min_rows'),
    max_quarantined: value('max_quarantined'),
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
    suggestions: inputs.file ? [`rental-etl doctor --target ${near}`] : ['rental-etl init'],
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
  const { flags, env, file } = inputs
  const found: Candidate[] = []
  if (key === 'target' || key === 'home' || key === 'source') {
    const flag = flags[key]
    if (flag !== undefined) found.push({ from: 'flag', where: `--${key}`, value: flag })
    const variable = env[ENVIRONMENT[key]]
    // An empty home is told, and not taken for another one: a script's variable was not set.
    if (variable || (variable === '' && key === 'home'))
      found.push({ from: 'environment', where: ENVIRONMENT[key], value: variable })
  }
  const path = key === 'target' ? 'target' : `targets.${targetName(inputs)}.${key}`
  const value = file && inFile(key, inputs, file)
  if (value !== undefined) found.push({ from: 'target', where: place(file, path), value })
  return [...found, { from: 'default', where: 'default', value: DEFAULTS[key] }]
}

function inFile(key: SettingKey, inputs: ConfigInputs, file: ConfigFile): string | number | undefined {
  if (key === 'target') return file.target
  const target = file.targets[targetName(inputs)]
  if (key.startsWith('guards.')) return target?.guards?.[key.slice('guards.'.length) as keyof Guards]
  return target?.[key as 'source' | 'home' | 'as_of' | 'schedule']
}

function place(file: ConfigFile | undefined, path: string): string {
  const line = file?.line(path)
  return `${file?.path}${line === undefined ? '' : `:${line}`} ${path}`
}

const DEFAULTS: Record<SettingKey, string | number | null> = {
  target: 'local',
  source: 'sample',
  home: '.rental-etl',
  as_of: null,
  schedule: DEFAULT_SCHEDULE,
  'guards.max_deleted': DEFAULT_GUARDS.max_deleted,
  'guards.max_deleted_min_rows': DEFAULT_GUARDS.max_deleted_min_rows,
  'guards.max_quarantined': DEFAULT_GUARDS.max_quarantined,
}
