import type { EtlError } from '../../../core/errors.js'
import { ident, literal } from '../../../core/sql/names.js'
import { isRoleRefused, type SetUpFailed } from '../redshift/errors.js'
import type { LakePlace } from './lake-state.js'

/** What is missing for a COPY, and what to type or to add; undefined where it failed for something else than a right. */
export function missingRight(
  { message, user }: SetUpFailed,
  { copyRole, files: { bucket } }: LakePlace,
  database: string,
): string | undefined {
  const said = message.split('\n')[0] ?? ''
  const to = user === undefined ? 'USER' : ident(user)
  if (isRoleRefused(said))
    return `${said}; attach ${copyRole} to the namespace of the workgroup or to the cluster, or, as who owns the warehouse: grant assumerole on ${literal(copyRole)} to ${to} for copy;`
  if (/^permission denied/i.test(said))
    return `${said}; as who owns the warehouse: grant temp on database ${ident(database)} to ${to};`
  if (/S3ServiceException|access ?denied|\b403\b/i.test(said)) {
    const arn = `${arnOf(copyRole)}:s3:::${bucket}`
    return `${said}; ${copyRole} needs s3:GetObject on ${arn}/data/* and ${arn}/glue/temp/*: rental-etl bootstrap`
  }
  return undefined
}

/** What the user of the command needs on S3, as a statement of its policy. */
export function missingS3Right({ message }: EtlError, { copyRole, files: { bucket } }: LakePlace): string {
  const arn = `${arnOf(copyRole)}:s3:::${bucket}`
  const statements = [
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: `${arn}/runs/*` },
    { Effect: 'Allow', Action: 's3:PutObject', Resource: `${arn}/glue/temp/verify/*` },
  ]
  return `${message}; its policy has to have ${statements.map((one) => JSON.stringify(one)).join(', ')}`
}

/** `arn:aws`, or that of another partition. */
function arnOf(role: string): string {
  return role.split(':').slice(0, 2).join(':')
}
