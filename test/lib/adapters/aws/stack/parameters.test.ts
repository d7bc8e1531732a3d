import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { executionRequest } from '../../../../../src/lib/adapters/aws/runs/execution-request.js'
import { jdbcUrl, type StackSettings, stackParameters } from '../../../../../src/lib/adapters/aws/stack/parameters.js'
import { parseMysqlUrl } from '../../../../../src/lib/core/config/mysql-url.js'
import { newRequest } from '../../../../../src/lib/core/run/request.js'
import { STACK_SETTINGS } from '../../../../support/stack-settings.js'

const template = await readFile(new URL('../../../../../templates/stack.yaml', import.meta.url), 'utf8')
const settings: StackSettings = {
  ...STACK_SETTINGS,
  network: { subnet: 'subnet-1', security_groups: 'sg-1, sg-2', availability_zone: 'eu-west-1a' },
  guards: { max_deleted: 0.1, max_deleted_min_rows: 5, max_quarantined: 1 },
}

test('what the settings say, by the names of the template', () => {
  const given = stackParameters(settings, { prefix: 'scripts/1', scheduled: true })
  expect(given).toEqual({
    AvailabilityZone: 'eu-west-1a',
    BucketName: 'lake',
    RedshiftDatabase: 'dev',
    RedshiftWorkgroup: 'rental',
    ReleasePrefix: 'scripts/1',
    ScheduleExpression: 'cron(0 2 * * ? *)',
    ScheduledRequest: '{"guards":{"max_deleted":0.1,"max_deleted_min_rows":5,"max_quarantined":1}}',
    ScheduleState: 'ENABLED',
    SecurityGroupIds: 'sg-1,sg-2',
    SourceJdbcUrl: 'jdbc:mysql://db.example.com:3306/rental_db',
    SourceSecretArn: 'arn:aws:secretsmanager:eu-west-1:1:secret:s',
    SubnetId: 'subnet-1',
  })
  const parameters = /^Parameters:\n([\s\S]*?)^\S/m.exec(template)?.[1] ?? ''
  const known = [...parameters.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)
  expect(Object.keys(given).filter((name) => !known.includes(name))).toEqual([])
})

test('what the schedule asks for is a request as far as the settings go, which every reader of one fills in alike', () => {
  const { ScheduledRequest = '' } = stackParameters(
    { ...settings, as_of: '2026-05-01' },
    { prefix: 'p', scheduled: true },
  )
  const request = executionRequest(
    { name: 'r-1', startedAt: '2026-06-01T02:00:00Z', input: ScheduledRequest },
    { target: 'prod', source: 's' },
  )
  expect(request).toEqual(
    newRequest({ run_id: 'r-1', as_of: '2026-05-01', guards: settings.guards, target: 'prod', source: 's' }),
  )
})

test('a parameter of the file stands above the settings, and below what the tool decides', () => {
  const parameters = { WorkflowName: 'W', RedshiftDatabase: 'other', ReleasePrefix: 'mine' }
  expect(stackParameters({ ...settings, parameters }, { prefix: 'scripts/1', scheduled: false })).toMatchObject({
    ...{ WorkflowName: 'W', RedshiftDatabase: 'other', ReleasePrefix: 'scripts/1', ScheduleState: 'DISABLED' },
  })
})

test('an address of six groups stands in brackets, and a schedule that no rule has is refused', () => {
  expect(jdbcUrl(parseMysqlUrl('mysql://u@[::1]:3307/a%20b'))).toBe('jdbc:mysql://[::1]:3307/a%20b')
  expect(() => stackParameters({ ...settings, schedule: '0 2 1 * 1' }, { prefix: 'p', scheduled: true })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('schedule: ') }),
  )
})
