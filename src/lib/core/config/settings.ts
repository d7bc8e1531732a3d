import { asOfDate } from '../run/as-of.js'
import { DEFAULT_GUARDS } from '../run/guards.js'
import { parseCron } from './cron.js'
import type { SourceMapping } from './mapping.js'
import { checkDuration, checkMemory, checkSecret } from './values.js'

/**
 * The one table of settings. From it come the flags of every command, the environment variables, the schema of
 * rental-etl.yml, the file that `init` writes, `config explain`, completion, the table of docs/configuration.md, and the
 * type `SettingValues`. A new setting is a row here, and the code that reads `settings.<key>`.
 */
interface Row {
  /** As `config explain` names it, and where it stands in a target; `target` itself stands above the targets. */
  key: string
  /** A flag of every command. */
  flag?: { char?: string; helpValue: string }
  env?: string
  /** A share is from 0 to 1, a count is whole and not negative. */
  takes: 'text' | 'share' | 'count'
  /** What a text must be. @throws Error with the reason */
  check?: (text: string) => unknown
  /** Null where there is none. */
  default: string | number | null
  /** What the documentation says of the default, where the value alone does not. */
  defaultText?: string
  /** For the template, where there is no default. */
  example?: string
  /** What it is, in a line; Markdown. */
  summary: string
  /** Flags of single commands that stand above it. */
  above?: string
}

export const SETTINGS = [
  {
    key: 'target',
    flag: { char: 't', helpValue: 'NAME' },
    env: 'RENTAL_ETL_TARGET',
    takes: 'text',
    default: 'local',
    summary: 'Target of rental-etl.yml.',
  },
  {
    key: 'source',
    flag: { helpValue: 'SPEC' },
    env: 'RENTAL_ETL_SOURCE',
    takes: 'text',
    default: 'sample',
    summary: 'Where the rows come from: csv:DIR, mysql://user@host/database or sample[:scale].',
  },
  {
    key: 'source_password',
    takes: 'text',
    check: checkSecret,
    default: null,
    defaultText: 'that of the URL, or `MYSQL_PWD`',
    example: 'env:RENTAL_DB_PASSWORD',
    summary: 'Where the password of a mysql:// source stands: `env:NAME` or `file:PATH`; never the password itself.',
  },
  {
    key: 'home',
    flag: { helpValue: 'DIR' },
    env: 'RENTAL_ETL_HOME',
    takes: 'text',
    default: '.rental-etl',
    summary: 'Folder for lake, warehouse and runs.',
  },
  {
    key: 'as_of',
    takes: 'text',
    check: asOfDate,
    default: null,
    defaultText: 'yesterday in UTC; of the sample its last day',
    example: '2026-06-30',
    summary: 'Logical date of a run: what the views show.',
    above: 'run --as-of',
  },
  {
    key: 'schedule',
    takes: 'text',
    check: parseCron,
    default: '0 2 * * *',
    summary:
      'When the nightly run is due, as five fields of crontab in UTC; `rental-etl schedule` prints the whole line.',
  },
  {
    key: 'grace',
    takes: 'text',
    check: checkDuration,
    default: '2h',
    summary: 'How long after it is due a run may take before `verify --fail-on stale` says that it is late.',
  },
  {
    key: 'memory',
    env: 'RENTAL_ETL_MEMORY',
    takes: 'text',
    check: checkMemory,
    default: null,
    defaultText: 'by the size of the source and of the machine',
    example: '2GB',
    summary: "Limit of the engine's memory, such as 2GB; what does not fit is spilled to the home's disk.",
  },
  {
    key: 'guards.max_deleted',
    takes: 'share',
    default: DEFAULT_GUARDS.max_deleted,
    summary: 'A run that would delete more than this share of a table stops before anything is changed …',
    above: 'run --allow-deletes',
  },
  {
    key: 'guards.max_deleted_min_rows',
    takes: 'count',
    default: DEFAULT_GUARDS.max_deleted_min_rows,
    summary: '… unless the table has no more rows than this.',
  },
  {
    key: 'guards.max_quarantined',
    takes: 'share',
    default: DEFAULT_GUARDS.max_quarantined,
    summary:
      'A run stops if more than this share of a table is bad, before raw is touched; of a table under 10 rows all have to be.',
    above: 'run --allow-rejects',
  },
] as const satisfies readonly Row[]

export type Setting = Row
type Known = (typeof SETTINGS)[number]
export type SettingKey = Known['key']
export type FlagName = Extract<Known, { flag: object }>['key']

export const SETTING_KEYS: readonly SettingKey[] = SETTINGS.map(({ key }) => key)

/** Environment variables that the tool reads by itself. */
export const ENVIRONMENT = Object.fromEntries(
  SETTINGS.flatMap((row) => ('env' in row ? [[row.key, row.env]] : [])),
) as { readonly [One in Extract<Known, { env: string }> as One['key']]: One['env'] }

/** The global flags as they were given. */
export type GivenFlags = { [Name in FlagName]?: string | undefined }

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
export type TargetConfig = { kind: 'local'; mapping?: SourceMapping | undefined } & {
  [Key in Exclude<keyof SettingValues, 'target'>]?: SettingValues[Key] extends object
    ? { [Name in keyof SettingValues[Key]]?: SettingValues[Key][Name] | undefined } | undefined
    : SettingValues[Key] | undefined
}

/** The row of a setting. */
export function settingRow(key: SettingKey): Row {
  // Every key is that of a row.
  return SETTINGS.find((row) => row.key === key) as Row
}
