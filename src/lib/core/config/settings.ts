import { AWS_SETTINGS } from './aws-settings.js'
import { COMMON_SETTINGS } from './common-settings.js'
import type { SourceMapping } from './mapping.js'
import type { SettingRow, TargetKind } from './setting-row.js'

export type { TargetKind } from './setting-row.js'

/**
 * The one table of settings. From it come the flags of every command, the environment variables, the schema of
 * rental-etl.yml, the file that `init` writes, `config explain`, completion, the table of docs/configuration.md, and the
 * type `SettingValues`. A new setting is a row here, and the code that reads `settings.<key>`.
 */
export const SETTINGS = [...COMMON_SETTINGS, ...AWS_SETTINGS] as const

export type Setting = SettingRow
type Known = (typeof SETTINGS)[number]
export type SettingKey = Known['key']
type FlagKey = Extract<Known, { flag: object }>['key']
export type FlagName = Dashed<FlagKey>

export const SETTING_KEYS: readonly SettingKey[] = SETTINGS.map(({ key }) => key)

/** Environment variables that the tool reads by itself. */
export const ENVIRONMENT = Object.fromEntries(
  SETTINGS.flatMap((row) => ('env' in row ? [[row.key, row.env]] : [])),
) as { readonly [One in Extract<Known, { env: string }> as One['key']]: One['env'] }

type Dashed<Text extends string> = Text extends `${infer Head}_${infer Tail}` ? `${Head}-${Dashed<Tail>}` : Text

/** The global flags as they were given. */
export type GivenFlags = { [Key in FlagKey as Dashed<Key>]?: string | undefined }

/** What the flag of a setting is called. */
export function flagName(key: string): FlagName {
  return key.replaceAll('_', '-') as FlagName
}

type ValueOf<One extends Known> = One['takes'] extends 'text'
  ? One['default'] extends null
    ? string | undefined
    : string
  : number
type Plain = Exclude<Known, { key: `${string}.${string}` }>
type Group<Name extends string> = Extract<Known, { key: `${Name}.${string}` }>
type GroupName = Extract<Known, { key: `${string}.${string}` }>['key'] extends `${infer Name}.${string}` ? Name : never

/** The values of all settings: `guards.max_deleted` is `max_deleted` of `guards`. */
export type SettingValues = { [One in Plain as One['key']]: ValueOf<One> } & {
  [Name in GroupName]: {
    [One in Group<Name> as One['key'] extends `${Name}.${infer Last}` ? Last : never]: ValueOf<One>
  }
}

/** A target as rental-etl.yml has it; paths are relative to the file. */
export type TargetConfig = {
  kind: TargetKind
  mapping?: SourceMapping | undefined
  /** Of an aws target: parameters of the stack that no setting has. */
  parameters?: Readonly<Record<string, string | number>> | undefined
} & {
  [Key in Exclude<keyof SettingValues, 'target'>]?: SettingValues[Key] extends object
    ? { [Name in keyof SettingValues[Key]]?: SettingValues[Key][Name] | undefined } | undefined
    : SettingValues[Key] | undefined
}

/** The row of a setting. */
export function settingRow(key: SettingKey): SettingRow {
  // Every key is that of a row.
  return SETTINGS.find((row) => row.key === key) as SettingRow
}
