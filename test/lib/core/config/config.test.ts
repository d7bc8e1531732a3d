import { describe, expect, test } from 'vitest'
import {
  assertNoPassword,
  type ConfigFile,
  type ConfigInputs,
  candidates,
  SETTING_KEYS,
  setting,
  settingKey,
  settingValues,
  targetName,
} from '../../../../src/lib/core/config/config.js'

const file = (changes: Partial<ConfigFile> = {}): ConfigFile => ({
  path: '/w/rental-etl.yml',
  folder: '/w',
  target: 'prod',
  targets: {
    prod: {
      kind: 'local',
      source: 'csv:data',
      home: 'home',
      as_of: '2025-03-24',
      schedule: '30 3 * * *',
      guards: { max_deleted: 0.5, max_quarantined: 0 },
    },
    bare: { kind: 'local' },
  },
  line: (key) => ({ target: 2, 'targets.prod.source': 6, 'targets.prod.guards.max_deleted': 12 })[key],
  ...changes,
})

const inputs = (changes: Partial<ConfigInputs> = {}): ConfigInputs => ({
  flags: {},
  env: {},
  file: undefined,
  cwd: '/w/sub',
  ...changes,
})

describe('candidates', () => {
  test('flag, environment, target, default: in this order, each with its place', () => {
    const all = inputs({
      flags: { source: 'sample:2' },
      env: { RENTAL_ETL_SOURCE: 'sample:3', RENTAL_ETL_TARGET: '', RENTAL_ETL_HOME: '/h' },
      file: file(),
    })
    expect(candidates('source', all)).toEqual([
      { from: 'flag', where: '--source', value: 'sample:2' },
      { from: 'environment', where: 'RENTAL_ETL_SOURCE', value: 'sample:3' },
      { from: 'target', where: '/w/rental-etl.yml:6 targets.prod.source', value: 'csv:data' },
      { from: 'default', where: 'default', value: 'sample' },
    ])
    // An empty variable says nothing.
    expect(candidates('target', all)).toEqual([
      { from: 'target', where: '/w/rental-etl.yml:2 target', value: 'prod' },
      { from: 'default', where: 'default', value: 'local' },
    ])
    expect(candidates('home', all)).toEqual([
      { from: 'environment', where: 'RENTAL_ETL_HOME', value: '/h' },
      { from: 'target', where: '/w/rental-etl.yml targets.prod.home', value: 'home' },
      { from: 'default', where: 'default', value: '.rental-etl' },
    ])
  })

  test('a password is masked where it is shown, and there where it is used', () => {
    const all = inputs({ env: { RENTAL_ETL_SOURCE: 'mysql://root:secret@db/x' } })
    expect(candidates('source', all)[0]?.value).toBe('mysql://root:***@db/x')
    expect(setting('source', all).value).toBe('mysql://root:secret@db/x')
  })

  test('the defaults, without a file', () => {
    expect(SETTING_KEYS.map((key) => [key, candidates(key, inputs())])).toEqual(
      [
        ['target', 'local'],
        ['source', 'sample'],
        ['source_password', null],
        ['home', '.rental-etl'],
        ['as_of', null],
        ['schedule', '0 2 * * *'],
        ['grace', '2h'],
        ['memory', null],
        ['guards.max_deleted', 0.2],
        ['guards.max_deleted_min_rows', 1000],
        ['guards.max_quarantined', 0.5],
        ...['region', 'profile', 'endpoint_url'].map((key) => [key, null]),
        ['stack', 'rental-etl'],
        ...['bucket', 'source_secret', 'notify', 'redshift.workgroup', 'redshift.cluster', 'redshift.arn'].map(
          (key) => [key, null],
        ),
        ['redshift.database', 'dev'],
        ...[
          'redshift.secret',
          'redshift.readers',
          'network.subnet',
          'network.security_groups',
          'network.availability_zone',
        ].map((key) => [key, null]),
      ].map(([key, value]) => [key, [{ from: 'default', where: 'default', value }]]),
    )
  })

  test('a flag, or a variable, is read for the settings that have one', () => {
    const loud = inputs({
      flags: { as_of: '2020-01-01' } as ConfigInputs['flags'],
      env: { RENTAL_ETL_AS_OF: '2020-01-01' },
    })
    expect(setting('as_of', loud).value).toBe(null)
  })
})

test('guards come from the target that is meant, each with its own default; 0 is a value', () => {
  expect(settingValues(inputs({ file: file() })).guards).toEqual({
    max_deleted: 0.5,
    max_deleted_min_rows: 1000,
    max_quarantined: 0,
  })
  expect(settingValues(inputs({ file: file(), flags: { target: 'bare' } })).guards).toEqual({
    max_deleted: 0.2,
    max_deleted_min_rows: 1000,
    max_quarantined: 0.5,
  })
})

test('a value of a flag or of the environment is looked at as one of the file is', () => {
  expect(settingValues(inputs({ env: { RENTAL_ETL_MEMORY: '1500MB' } })).memory).toBe('1500MB')
  expect(() => settingValues(inputs({ env: { RENTAL_ETL_MEMORY: '2 GB' } }))).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: 'RENTAL_ETL_MEMORY: "2 GB" is no amount of memory: it takes digits and MB or GB, such as 2GB',
      suggestions: ['rental-etl config explain memory'],
    }),
  )
})

test('an empty variable says nothing, but for the home', () => {
  const env = { RENTAL_ETL_HOME: '', RENTAL_ETL_SOURCE: '', RENTAL_ETL_MEMORY: '' }
  expect(setting('source', inputs({ env })).from).toBe('default')
  expect(setting('memory', inputs({ env })).from).toBe('default')
  expect(setting('home', inputs({ env }))).toEqual({ from: 'environment', where: 'RENTAL_ETL_HOME', value: '' })
})

describe('targetName', () => {
  test.each<[string, Partial<ConfigInputs>, string]>([
    ['nothing is said', {}, 'local'],
    ['the file names one', { file: file() }, 'prod'],
    ['the file names none', { file: file({ target: undefined }) }, 'local'],
    ['a variable wins over the file', { file: file(), env: { RENTAL_ETL_TARGET: 'bare' } }, 'bare'],
    ['a flag wins over all', { file: file(), env: { RENTAL_ETL_TARGET: 'bare' }, flags: { target: 'local' } }, 'local'],
  ])('%s', (_, changes, name) => {
    expect(targetName(inputs(changes))).toBe(name)
  })

  test.each<[string, Partial<ConfigInputs>, object]>([
    [
      'by a flag',
      { file: file(), flags: { target: 'pord' } },
      {
        code: 'USAGE',
        exit: 'usage',
        message: 'there is no target pord (--target): targets of /w/rental-etl.yml are prod, bare, local',
        suggestions: ['rental-etl doctor --target prod'],
      },
    ],
    [
      'by a variable, without a file',
      { env: { RENTAL_ETL_TARGET: 'aws' } },
      {
        code: 'USAGE',
        exit: 'usage',
        message:
          'there is no target aws (RENTAL_ETL_TARGET): there is no rental-etl.yml, so there is only the target local',
        suggestions: ['rental-etl init'],
      },
    ],
    [
      'by the file itself',
      { file: file({ target: 'nowhere' }) },
      {
        code: 'CONFIG_INVALID',
        exit: 'invalid',
        message:
          'there is no target nowhere (/w/rental-etl.yml:2 target): targets of /w/rental-etl.yml are prod, bare, local',
        suggestions: ['rental-etl doctor --target local'],
      },
    ],
    [
      'by a name that every object has',
      { file: file(), flags: { target: 'constructor' } },
      { code: 'USAGE', suggestions: ['rental-etl doctor --target local'] },
    ],
  ])('refuses an unknown one: %s', (_, changes, error) => {
    expect(() => targetName(inputs(changes))).toThrow(expect.objectContaining(error))
  })
})

describe('settingKey', () => {
  test('takes each key', () => {
    for (const key of SETTING_KEYS) expect(settingKey(key)).toBe(key)
  })

  test.each([
    ['hoem', 'home'],
    ['max_deleted', 'guards.max_deleted'],
    ['max_quarantined', 'guards.max_quarantined'],
    ['something.else.altogether', '--help'],
  ])('%s: perhaps %s', (text, near) => {
    expect(() => settingKey(text)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        exit: 'usage',
        message: `there is no setting ${text}; settings are ${SETTING_KEYS.join(', ')}`,
        suggestions: [`rental-etl config explain ${near}`],
      }),
    )
  })
})

test('a flag must not hold a password; the message does not repeat it', () => {
  assertNoPassword(undefined)
  assertNoPassword('mysql://root@db/x')
  expect(() => assertNoPassword('mysql://root:secret@db/x')).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      exit: 'usage',
      message: '--source holds a password, and others can read the arguments of a process',
      suggestions: ['export RENTAL_ETL_SOURCE=…   # the URL with its password'],
    }),
  )
})
