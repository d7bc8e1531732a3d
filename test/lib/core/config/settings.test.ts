import { expect, test } from 'vitest'
import { configSchema, keysAt } from '../../../../src/lib/adapters/files/config-schema.js'
import { ENVIRONMENT, SETTING_KEYS, SETTINGS, type Setting } from '../../../../src/lib/core/config/settings.js'
import { globalFlags } from '../../../../src/lib/shell/global-flags.js'

const ROWS: readonly Setting[] = SETTINGS

test('a key, a flag and a variable each stand once, and are named alike', () => {
  expect(new Set(SETTING_KEYS).size).toBe(SETTINGS.length)
  for (const [key, variable] of Object.entries(ENVIRONMENT)) {
    // Those of AWS are the CLI's.
    const prefix = ROWS.find((row) => row.key === key)?.kind === 'aws' ? 'AWS' : 'RENTAL_ETL'
    expect(variable).toBe(`${prefix}_${(key.split('.').at(-1) as string).toUpperCase()}`)
  }
  const flags = ROWS.filter(({ flag }) => flag).map(({ key }) => key.replaceAll('_', '-'))
  expect(Object.keys(globalFlags())).toEqual(flags)
  for (const key of flags) expect(key).toMatch(/^[a-z-]+$/)
})

test('the schema of a target has every setting but the target itself, each in its place', () => {
  const known = ['', ...keysAt(configSchema, ['targets', 'any'])].flatMap((key) => {
    const inner = keysAt(configSchema, ['targets', 'any', key])
    return inner.length > 0 && key !== '' ? inner.map((name) => `${key}.${name}`) : [key]
  })
  // A mapping is no single value.
  const single = known.filter((key) => !['', 'kind', 'parameters'].includes(key) && !key.startsWith('mapping.'))
  expect(single.sort()).toEqual(SETTING_KEYS.filter((key) => key !== 'target').sort())
})

test('every default is a value that the file may have, and one without a default has an example', () => {
  for (const { key, kind = 'local', default: value, example, check } of ROWS) {
    const shown = value ?? example
    expect([key, shown]).not.toEqual([key, undefined])
    if (key === 'target') continue
    const target = key.split('.').reduceRight<unknown>((inner, step) => ({ [step]: inner }), shown)
    expect([key, configSchema.safeParse({ targets: { t: { ...(target as object), kind } } }).success]).toEqual([
      key,
      true,
    ])
    if (check) expect(() => check(String(shown))).not.toThrow()
  }
})

test('the flags of every command say what they set, by which variable, and the default', () => {
  expect(
    Object.entries(globalFlags()).map(([name, { char, summary, helpValue }]) => [name, char, summary, helpValue]),
  ).toEqual([
    ['target', 't', 'Target of rental-etl.yml (RENTAL_ETL_TARGET; local).', 'NAME'],
    [
      'source',
      undefined,
      'Where the rows come from: csv:DIR, mysql://user@host/database or sample[:scale] (RENTAL_ETL_SOURCE; sample).',
      'SPEC',
    ],
    ['home', undefined, 'Folder for lake, warehouse and runs (RENTAL_ETL_HOME; .rental-etl).', 'DIR'],
    ['region', undefined, 'Region of all that the target names (AWS_REGION).', 'REGION'],
    ['profile', undefined, 'Profile of the AWS configuration (AWS_PROFILE).', 'NAME'],
    ['endpoint-url', undefined, 'Address in the place of those of AWS (AWS_ENDPOINT_URL).', 'URL'],
  ])
})

test('a setting of one kind of target is refused in another, and told so', () => {
  const wrong = (target: object): string[] =>
    configSchema
      .safeParse({ targets: { t: target } })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
  expect(wrong({ kind: 'aws', bucket: 'lake', memory: '2GB' })).toEqual([
    'targets.t.memory: it is for targets of kind local, and this one is aws',
  ])
  expect(wrong({ redshift: { workgroup: 'w' } })).toEqual([
    'targets.t.redshift: it is for targets of kind aws, and this one is local',
  ])
  expect(wrong({ kind: 'gcp' })).toEqual(['targets.t.kind: it takes local or aws'])
  expect(wrong({ kind: 'aws', parameters: { WorkflowName: 'W', ExtractWorkers: 4 } })).toEqual([])
})
