import { awsCron } from '../../../core/config/aws-cron.js'
import type { MysqlSpec } from '../../../core/config/mysql-url.js'
import type { SettingValues } from '../../../core/config/settings.js'
import { EtlError } from '../../../core/errors.js'
import type { RunRequest } from '../../../core/run/request.js'

/** What the settings of a target say of its stack. */
export interface StackSettings
  extends Pick<SettingValues, 'redshift' | 'network' | 'notify' | 'schedule' | 'as_of' | 'guards'> {
  bucket: string
  source_secret: string
  spec: MysqlSpec
  /** Parameters that no setting has. */
  parameters: Readonly<Record<string, string>>
}

/**
 * The parameters that a target gives the stack; the others have the template's defaults. Those that the file names under
 * `parameters` come last, but for what the tool has to decide itself.
 * @param prefix where the release lies in the bucket
 * @throws EtlError CONFIG_INVALID
 */
export function stackParameters(
  settings: StackSettings,
  { prefix, scheduled }: { prefix: string; scheduled: boolean },
): Record<string, string> {
  const { bucket, source_secret, spec, redshift, network, notify } = settings
  const given: Record<string, string | undefined> = {
    BucketName: bucket,
    SourceJdbcUrl: jdbcUrl(spec),
    SourceSecretArn: source_secret,
    RedshiftWorkgroup: redshift.workgroup,
    RedshiftCluster: redshift.cluster,
    RedshiftArn: redshift.arn,
    RedshiftDatabase: redshift.database,
    RedshiftSecretArn: redshift.secret,
    SubnetId: network.subnet,
    SecurityGroupIds: network.security_groups?.replaceAll(' ', ''),
    AvailabilityZone: network.availability_zone,
    NotifyEmail: notify,
    ScheduleExpression: schedule(settings.schedule),
    ScheduledRequest: JSON.stringify(scheduledRequest(settings)),
    ...settings.parameters,
    ReleasePrefix: prefix,
    ScheduleState: scheduled ? 'ENABLED' : 'DISABLED',
  }
  return Object.fromEntries(
    Object.entries(given)
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .toSorted(([a], [b]) => a.localeCompare(b)),
  )
}

/** What a run of the schedule is asked for, which no command line asks: what the settings say of every run. */
export function scheduledRequest({ as_of, guards }: Pick<StackSettings, 'as_of' | 'guards'>): Partial<RunRequest> {
  return { guards, ...(as_of === undefined ? {} : { as_of }) }
}

/** Of the database as its driver for Java has it; user and password stand in the secret. */
export function jdbcUrl({ host, port, database }: MysqlSpec): string {
  const address = host.includes(':') ? `[${host}]` : host
  return `jdbc:mysql://${address}:${port}/${encodeURIComponent(database)}`
}

function schedule(text: string): string {
  try {
    return awsCron(text)
  } catch (error) {
    throw new EtlError(`schedule: ${(error as Error).message}`, {
      code: 'CONFIG_INVALID',
      suggestions: ['rental-etl config explain schedule'],
    })
  }
}
