import { asOfDate } from '../run/as-of.js'
import { DEFAULT_GUARDS } from '../run/guards.js'
import { parseCron } from './cron.js'
import type { SourceMapping } from './mapping.js'
import { checkArn, checkBucket, checkDuration, checkMemory, checkSecret, checkStackName } from './values.js'

/**
 * The one table of settings. From it come the flags of every command, the environment variables, the schema of
 * rental-etl.yml, the file that `init` writes, `config explain`, completion, the table of docs/configuration.md, and the
 * type `SettingValues`. A new setting is a row here, and the code that reads `settings.<key>`.
 */
export type TargetKind = 'local' | 'aws'

interface Row {
  /** As `config explain` names it, and where it stands in a target; `target` itself stands above the targets. */
  key: string
  /** The kind of the targets that have it; without it, all have. */
  kind?: TargetKind
  /** A flag of every command; it is called as the key, with dashes. */
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
    kind: 'local',
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
    kind: 'local',
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
  {
    key: 'region',
    kind: 'aws',
    flag: { helpValue: 'REGION' },
    env: 'AWS_REGION',
    takes: 'text',
    default: null,
    defaultText: 'that of the profile',
    example: 'eu-west-1',
    summary: 'Region of all that the target names.',
  },
  {
    key: 'profile',
    kind: 'aws',
    flag: { helpValue: 'NAME' },
    env: 'AWS_PROFILE',
    takes: 'text',
    default: null,
    defaultText: 'the credentials that the AWS CLI would take',
    example: 'rental-ops',
    summary: 'Profile of the AWS configuration.',
  },
  {
    key: 'endpoint_url',
    kind: 'aws',
    flag: { helpValue: 'URL' },
    env: 'AWS_ENDPOINT_URL',
    takes: 'text',
    default: null,
    defaultText: "the services' own",
    example: 'http://127.0.0.1:4566',
    summary: 'Address in the place of those of AWS.',
  },
  {
    key: 'stack',
    kind: 'aws',
    takes: 'text',
    check: checkStackName,
    default: 'rental-etl',
    summary: 'Name of the CloudFormation stack that `bootstrap` makes.',
  },
  {
    key: 'bucket',
    kind: 'aws',
    takes: 'text',
    check: checkBucket,
    default: null,
    defaultText: 'has to be given',
    example: 'lab2-rental-analytics-123456789012',
    summary: 'Bucket for lake, run records and scripts; `bootstrap` makes it. The name is unique in all of AWS.',
  },
  {
    key: 'source_secret',
    kind: 'aws',
    takes: 'text',
    check: checkArn,
    default: null,
    defaultText: 'has to be given',
    example: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rental-source-AbCdEf',
    summary: 'ARN of the secret with `username` and `password` of a user of the source who may SELECT.',
  },
  {
    key: 'notify',
    kind: 'aws',
    takes: 'text',
    default: null,
    defaultText: 'nobody',
    example: 'oncall@example.com',
    summary: 'Who is told of a failure by mail; AWS asks this address first.',
  },
  {
    key: 'redshift.workgroup',
    kind: 'aws',
    takes: 'text',
    default: null,
    defaultText: 'this or `redshift.cluster` has to be given',
    example: 'rental',
    summary: 'Workgroup of Redshift Serverless.',
  },
  {
    key: 'redshift.cluster',
    kind: 'aws',
    takes: 'text',
    default: null,
    defaultText: 'this or `redshift.workgroup` has to be given',
    example: 'rental-cluster',
    summary: 'Provisioned cluster, in place of a workgroup.',
  },
  {
    key: 'redshift.arn',
    kind: 'aws',
    takes: 'text',
    default: '*',
    summary: 'ARN of the workgroup or cluster, to which the rights of the loading job are narrowed.',
  },
  {
    key: 'redshift.database',
    kind: 'aws',
    takes: 'text',
    default: 'dev',
    summary: 'Database of the warehouse.',
  },
  {
    key: 'redshift.secret',
    kind: 'aws',
    takes: 'text',
    check: checkArn,
    default: null,
    defaultText: 'the user that IAM makes of who calls',
    example: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rental-warehouse-AbCdEf',
    summary: 'ARN of the secret of the database user who owns the tables: operators and jobs are that user.',
  },
  {
    key: 'network.subnet',
    kind: 'aws',
    takes: 'text',
    default: null,
    defaultText: 'no network of yours',
    example: 'subnet-0123456789abcdef0',
    summary: 'Subnet from which the source is reached.',
  },
  {
    key: 'network.security_groups',
    kind: 'aws',
    takes: 'text',
    default: null,
    defaultText: 'none',
    example: 'sg-0123456789abcdef0',
    summary: 'Security groups of the extract, with commas; one of them has to let itself in on all TCP.',
  },
  {
    key: 'network.availability_zone',
    kind: 'aws',
    takes: 'text',
    default: null,
    defaultText: 'none',
    example: 'eu-west-1a',
    summary: 'Zone of the subnet.',
  },
] as const satisfies readonly Row[]

export type Setting = Row
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
export function settingRow(key: SettingKey): Row {
  // Every key is that of a row.
  return SETTINGS.find((row) => row.key === key) as Row
}
