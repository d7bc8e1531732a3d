import { expect, test } from 'vitest'
import { missingRight } from '../../../../../src/lib/adapters/aws/audit/copy-rights.js'
import type { LakePlace } from '../../../../../src/lib/adapters/aws/audit/lake-state.js'
import { isRefused, SetUpFailed, StatementFailed } from '../../../../../src/lib/adapters/aws/redshift/errors.js'

const ROLE = 'arn:aws-cn:iam::123456789012:role/RentalPipelineCopyRole'
const place = { copyRole: ROLE, retentionDays: 400, files: { bucket: 'lake' } } as unknown as LakePlace
const failed = (said: string): StatementFailed => new StatementFailed(said, 1, { workgroup: 'rental', database: 'dev' })

test.each([
  [
    `User arn:aws-cn:redshift:x:1:dbuser:w/ann is not authorized to assume IAM Role ${ROLE}`,
    `attach ${ROLE} to the namespace of the workgroup or to the cluster, or, as who owns the warehouse: grant assumerole on '${ROLE}' to "IAM:ann" for copy;`,
  ],
  ['permission denied to create temporary tables in database "dev"', 'grant temp on database "dev" to "IAM:ann";'],
  [
    'S3ServiceException:Access Denied,Status 403,Error AccessDenied',
    `${ROLE} needs s3:GetObject on arn:aws-cn:s3:::lake/data/* and arn:aws-cn:s3:::lake/glue/temp/*`,
  ],
])('%s: what to type', (said, mend) => {
  const right = missingRight(new SetUpFailed(failed(said), 'IAM:ann'), place, 'dev')
  expect(right).toContain(said)
  expect(right).toContain(mend)
  // Who is to be granted it is asked for where the database refuses.
  expect(isRefused(failed(said))).toBe(!said.startsWith('S3'))
})

test('a file that is no file of the table is no question of rights', () => {
  const said = 'Spectrum Scan Error: Unmatched number of columns between table and file.'
  expect(missingRight(new SetUpFailed(failed(said), undefined), place, 'dev')).toBe(undefined)
})
