import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findConfig, readConfig, readOptional } from '../../../../src/lib/adapters/files/config-file.js'
import { temporaryFolder } from '../../../support/temporary.js'

const PATH = '/w/rental-etl.yml'
const TEXT = `# nightly
target: prod

targets:
  prod:
    kind: local
    source: csv:data
    as_of: "2025-03-24"
    schedule: 30 3 * * *
    guards:
      max_deleted: 0.5
      max_deleted_min_rows: 0
  bare: {}
`

describe('readConfig', () => {
  test('values, and the lines of their keys', async () => {
    const { line, ...config } = await readConfig(PATH, TEXT)
    expect(config).toEqual({
      path: PATH,
      folder: '/w',
      target: 'prod',
      targets: {
        prod: {
          kind: 'local',
          source: 'csv:data',
          as_of: '2025-03-24',
          schedule: '30 3 * * *',
          guards: { max_deleted: 0.5, max_deleted_min_rows: 0 },
        },
        bare: { kind: 'local' },
      },
    })
    expect(
      ['target', 'targets', 'targets.prod.source', 'targets.prod.guards.max_deleted', 'targets.bare'].map(line),
    ).toEqual([2, 4, 7, 11, 13])
    // Of what is not there, the line of the nearest above it.
    expect(['targets.prod.home', 'targets.bare.guards.max_deleted', 'nothing'].map(line)).toEqual([5, 13, undefined])
  })

  test.each(['', '# nothing\n', '{}', 'targets: {}\n'])('%j says nothing', async (text) => {
    expect(await readConfig(PATH, text)).toMatchObject({ target: undefined, targets: {} })
  })

  test.each([
    ['target: [', `${PATH}:1:10: flow sequence in block collection must be sufficiently indented and end with a ]`],
    ['a: 1\na: 2\n', `${PATH}:2:1: map keys must be unique`],
    ['traget: x\n', `${PATH}:1: there is no key traget; the nearest is target`],
    [
      'targets:\n  p:\n    mapping:\n      booking:\n        table: x\n',
      `${PATH}:4: there is no key targets.p.mapping.booking; the nearest is bookings`,
    ],
    [
      'targets:\n  p:\n    mapping:\n      bookings:\n        columns:\n          bookng_id: x\n',
      `${PATH}:6: there is no key targets.p.mapping.bookings.columns.bookng_id; the nearest is booking_id`,
    ],
    [
      'targets:\n  p:\n    mapping:\n      bookings:\n        table: a/b\n',
      `${PATH}:5: targets.p.mapping.bookings.table ("a/b"): it is the name of a file without .csv, or of a table`,
    ],
    ['zzzzzzzzzzz: x\n', `${PATH}:1: there is no key zzzzzzzzzzz; keys are target, targets`],
    ['- a\n', `${PATH}: the file: invalid input: expected object, received array`],
    ['target: 3\n', `${PATH}:1: target (3): invalid input: expected string, received number`],
    ['target: ""\n', `${PATH}:1: target (""): too small: expected string to have >=1 characters`],
    [
      'targets:\n  p:\n    kind: local\n    souce: sample\n',
      `${PATH}:4: there is no key targets.p.souce; the nearest is source`,
    ],
    [
      'targets:\n  p:\n    guards:\n      max_delete: 1\n',
      `${PATH}:4: there is no key targets.p.guards.max_delete; the nearest is max_deleted`,
    ],
    ['targets:\n  p:\n    kind: gcp\n', `${PATH}:3: targets.p.kind ("gcp"): it takes local or aws`],
    ['targets:\n  p:\n    kind: spark\n', `${PATH}:3: targets.p.kind ("spark"): it takes local or aws`],
    [
      'targets:\n  p:\n    schedule: often\n',
      `${PATH}:3: targets.p.schedule ("often"): "often" is no crontab schedule: it has 1 fields, not 5; an example is "0 2 * * *"`,
    ],
    [
      'targets:\n  p:\n    as_of: 2025-02-30\n',
      `${PATH}:3: targets.p.as_of ("2025-02-30"): "2025-02-30" is no as-of date: it takes YYYY-MM-DD from 1900-01-01 to 2199-12-31`,
    ],
    [
      'targets:\n  p:\n    guards:\n      max_deleted: 1.5\n',
      `${PATH}:4: targets.p.guards.max_deleted (1.5): too big: expected number to be <=1`,
    ],
    [
      'targets:\n  p:\n    guards:\n      max_deleted_min_rows: -1\n',
      `${PATH}:4: targets.p.guards.max_deleted_min_rows (-1): too small: expected number to be >=0`,
    ],
    [
      'targets:\n  p:\n    grace: soon\n',
      `${PATH}:3: targets.p.grace ("soon"): "soon" is no duration: it takes 90s, 5m, 1h30m, or seconds`,
    ],
    [
      'targets:\n  p:\n    memory: 99MB\n',
      `${PATH}:3: targets.p.memory ("99MB"): "99MB" is too little: the engine takes 100MB or more`,
    ],
    ['targets:\n  p:\n    home:\n', `${PATH}:3: targets.p.home: invalid input: expected string, received null`],
  ])('refuses %j', async (text, message) => {
    await expect(readConfig(PATH, text)).rejects.toMatchObject({ code: 'CONFIG_INVALID', exit: 'invalid', message })
  })
})

describe('findConfig', () => {
  test('the nearest file upwards counts', async () => {
    const root = await temporaryFolder()
    const deep = join(root, 'a', 'b', 'c')
    await mkdir(deep, { recursive: true })
    await writeFile(join(root, 'rental-etl.yml'), 'target: far\n')
    await writeFile(join(root, 'a', 'b', 'rental-etl.yml'), 'target: near\n')
    expect(await findConfig(deep)).toMatchObject({ target: 'near', folder: join(root, 'a', 'b') })
    expect(await findConfig(join(root, 'a'))).toMatchObject({ target: 'far', path: join(root, 'rental-etl.yml') })
  })

  test('an empty file is one that says nothing', async () => {
    const root = await temporaryFolder()
    const inner = join(root, 'inner')
    await mkdir(inner)
    await writeFile(join(root, 'rental-etl.yml'), 'target: far\n')
    await writeFile(join(inner, 'rental-etl.yml'), '')
    expect(await findConfig(inner)).toMatchObject({ path: join(inner, 'rental-etl.yml'), target: undefined })
  })

  test('there may be none', async () => {
    expect(await findConfig(await temporaryFolder())).toBeUndefined()
  })
})

test('a file that may be absent, and one that is a folder', async () => {
  const folder = await temporaryFolder()
  expect(await readOptional(join(folder, 'none'))).toBeUndefined()
  await writeFile(join(folder, 'there'), 'text')
  await chmod(join(folder, 'there'), 0o600)
  expect(await readOptional(join(folder, 'there'))).toBe('text')
  const spaced = join(folder, 'two words')
  await mkdir(spaced)
  await expect(readOptional(spaced)).rejects.toMatchObject({
    code: 'IO',
    exit: 'io',
    message: expect.stringMatching(/^cannot read .*: EISDIR/),
    suggestions: [`ls -ld '${spaced}'   # what it is, and whose`],
  })
})
