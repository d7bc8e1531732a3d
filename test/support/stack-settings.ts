import type { StackSettings } from '../../src/lib/adapters/aws/stack/parameters.js'
import { parseMysqlUrl } from '../../src/lib/core/config/mysql-url.js'
import { DEFAULT_GUARDS } from '../../src/lib/core/run/guards.js'

/** What a configuration says of a stack that has no more than it needs. */
export const STACK_SETTINGS: StackSettings = {
  bucket: 'lake',
  source_secret: 'arn:aws:secretsmanager:eu-west-1:1:secret:s',
  spec: parseMysqlUrl('mysql://etl@db.example.com/rental_db'),
  redshift: {
    workgroup: 'rental',
    cluster: undefined,
    arn: undefined,
    readers: undefined,
    database: 'dev',
    secret: undefined,
  },
  network: { subnet: undefined, security_groups: undefined, availability_zone: undefined },
  notify: undefined,
  schedule: '0 2 * * *',
  as_of: undefined,
  guards: DEFAULT_GUARDS,
  parameters: {},
}
