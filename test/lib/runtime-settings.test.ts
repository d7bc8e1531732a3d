import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../src/lib/adapters/files/config-file.js'
import type { ConfigInputs } from '../../src/lib/core/config/config.js'
import { SETTINGS, type Setting } from '../../src/lib/core/config/settings.js'
import { configTemplate, newConfig, newSource, readInputs, settingsOf } from '../../src/lib/runtime-settings.js'
import { temporaryFolder } from '../support/temporary.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const inputs = async (text: string | undefined, changes: Partial<ConfigInputs> = {}): Promise<ConfigInputs> => ({
  flags: {},
  env: {},
  file: text === undefined ? undefined : await readConfig('/w/rental-etl.yml', text),
  cwd: '/w/sub',
  ...changes,
})

describe('settingsOf', () => {
  test('without a file: the sample, in the working directory', async () => {
    expect(settingsOf(await inputs(undefined))).toMatchObject({
      kind: 'local',
      target: 'local',
      home: '/w/sub/.rental-etl',
      spec: { kind: 'sample', scale: 1 },
      source: 'sample',
      sourceGiven: false,
      as_of: undefined,
      schedule: '0 2 * * *',
      grace: '2h',
      memory: undefined,
      guards: { max_deleted: 0.2, max_deleted_min_rows: 1000, max_quarantined: 0.5 },
      configPath: undefined,
      configFolder: '/w/sub',
    })
  })

  const TEXT = `targets:
  local:
    source: csv:data
    home: ../home
    as_of: 2025-03-24
    schedule: 30 3 * * *
    grace: 45m
    memory: 2GB
    guards: {max_deleted: 1}
`

  test('paths of a file are relative to it', async () => {
    expect(settingsOf(await inputs(TEXT))).toMatchObject({
      kind: 'local',
      target: 'local',
      home: '/home',
      spec: { kind: 'csv', folder: '/w/data' },
      source: 'csv:/w/data',
      sourceGiven: false,
      as_of: '2025-03-24',
      schedule: '30 3 * * *',
      grace: '45m',
      memory: '2GB',
      guards: { max_deleted: 1, max_deleted_min_rows: 1000, max_quarantined: 0.5 },
      configPath: '/w/rental-etl.yml',
      configFolder: '/w',
    })
  })

  test('those of flags and variables to the working directory, and the default home to the file', async () => {
    const settings = settingsOf(await inputs(TEXT, { flags: { source: 'csv:data' }, env: { RENTAL_ETL_HOME: 'home' } }))
    expect([settings.source, settings.sourceGiven, settings.home]).toEqual(['csv:/w/sub/data', true, '/w/sub/home'])
    expect(settingsOf(await inputs('target: local\n')).home).toBe('/w/.rental-etl')
  })

  test('~ is the folder of the user, wherever no shell has seen it', async () => {
    const text = 'targets: {local: {home: ~/wh, source: "csv:~/exports"}}\n'
    const of =
      (env: ConfigInputs['env'], flags = {}) =>
      async () =>
        settingsOf(await inputs(text, { env: { HOME: '/users/ann', ...env }, flags }))
    expect(await of({})()).toMatchObject({ home: '/users/ann/wh', source: 'csv:/users/ann/exports' })
    expect(await of({ RENTAL_ETL_HOME: '~' })()).toMatchObject({ home: '/users/ann' })
    // A name that only begins with it is a name.
    expect(await of({}, { home: '~x/~' })()).toMatchObject({ home: '/w/sub/~x/~' })
  })

  test.each<[string, Partial<ConfigInputs>, string]>([
    ['a flag', { flags: { home: '' } }, 'USAGE'],
    ['a variable', { env: { RENTAL_ETL_HOME: ' ' } }, 'USAGE'],
  ])('an empty home of %s is a slip, and not the working directory', async (_, given, code) => {
    const empty = await inputs(undefined, given)
    expect(() => settingsOf(empty)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(/ is empty: it names the folder for lake, warehouse and runs$/),
      }),
    )
  })

  test('a source that is none is a mistake of who named it', async () => {
    const named = await inputs('targets: {local: {source: ftp}}\n')
    expect(() => settingsOf(named)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message:
          '/w/rental-etl.yml:1 targets.local.source: "ftp" is no source; it takes csv:DIR, mysql://user@host/database or sample[:scale]',
      }),
    )
    const asked = await inputs(undefined, { flags: { source: 'ftp' } })
    expect(() => settingsOf(asked)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: '--source: "ftp" is no source; it takes csv:DIR, mysql://user@host/database or sample[:scale]',
      }),
    )
  })
})

test('a new file has every setting of a target with its default; without one it is a comment', async () => {
  const text = await configTemplate()
  const { target, targets } = await readConfig('/w/rental-etl.yml', text)
  expect({ target, targets }).toMatchObject({
    target: 'local',
    targets: {
      local: {
        kind: 'local',
        source: 'sample',
        home: '.rental-etl',
        schedule: '0 2 * * *',
        grace: '2h',
        guards: { max_deleted: 0.2, max_deleted_min_rows: 1000, max_quarantined: 0.5 },
      },
    },
  })
  const own = (SETTINGS as readonly Setting[]).filter(({ kind = 'local' }) => kind === 'local')
  for (const { key } of own) expect(text).toMatch(new RegExp(`^ *(# )?${key.split('.').at(-1)}: .`, 'm'))
  // What is commented out is right, too.
  const all = text.replaceAll(/^( *)# (as_of|memory): /gm, '$1$2: ')
  expect((await readConfig('/w/rental-etl.yml', all)).targets.local).toMatchObject({
    as_of: '2026-06-30',
    memory: '2GB',
  })
})

test('one of kind aws has those of AWS; what has to be given is a comment, and is right when it is none', async () => {
  const text = await configTemplate('aws')
  const own = (SETTINGS as readonly Setting[]).filter(({ kind = 'aws' }) => kind === 'aws')
  for (const { key } of own) expect(text).toMatch(new RegExp(`^ *(# +)?${key.split('.').at(-1)}: .`, 'm'))
  expect(text).not.toMatch(/^ *(# )?memory:/m)
  const given = text.replaceAll(/^( *)# (source|bucket|source_secret|workgroup|region): (?=\S)/gm, '$1$2: ')
  const file = await readConfig('/w/rental-etl.yml', given)
  expect(settingsOf(await inputs(given, { flags: {}, file }))).toMatchObject({
    ...{ kind: 'aws', target: 'aws', region: 'eu-west-1', stack: 'rental-etl', parameters: {} },
    ...{ source: 'mysql://etl@db.example.com:3306/rental_db', redshift: { workgroup: 'rental', database: 'dev' } },
  })
})

describe('an aws target', () => {
  const aws = (
    changes: string,
    base = 'source: "mysql://u@h/d", bucket: lake, source_secret: "arn:aws:secretsmanager:eu-west-1:1:secret:s", redshift: {workgroup: w}',
  ) => inputs(`target: prod\ntargets: {prod: {kind: aws, ${base}${changes}}}\n`)

  test('has what it needs, and parameters of the stack as texts', async () => {
    const settings = settingsOf(await aws(', parameters: {ExtractWorkers: 4}'))
    expect(settings).toMatchObject({
      kind: 'aws',
      bucket: 'lake',
      parameters: { ExtractWorkers: '4' },
      sourceGiven: false,
    })
  })

  test.each([
    ['', 'source: "csv:x"', 'source has to be a mysql:// URL'],
    ['', 'source: "mysql://u:p@h/d"', 'source takes neither a password'],
    ['', 'source: "mysql://u@h/d"', 'bucket is missing'],
    ['', 'source: "mysql://u@h/d", bucket: lake', 'source_secret is missing'],
    [
      ', redshift: {}',
      'source: "mysql://u@h/d", bucket: lake, source_secret: "arn:aws:x:y:1:z"',
      'either workgroup or cluster',
    ],
    [
      ', redshift: {workgroup: a, cluster: b}',
      'source: "mysql://u@h/d", bucket: lake, source_secret: "arn:aws:x:y:1:z"',
      'either workgroup or cluster',
    ],
  ])('%s %s: %s', async (changes, base, message) => {
    const given = await aws(changes, base)
    expect(() => settingsOf(given)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
    )
  })
})

describe('in a working directory', () => {
  const inFolder = async (): Promise<string> => {
    const folder = await temporaryFolder()
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    return folder
  }

  test('the inputs are those of this process', async () => {
    const folder = await inFolder()
    expect(await readInputs({ home: 'h' })).toEqual({
      flags: { home: 'h' },
      env: process.env,
      cwd: folder,
      file: undefined,
    })
    await expect(readInputs({ source: 'mysql://root:secret@db' })).rejects.toMatchObject({ code: 'USAGE' })
  })

  test('a new file is the template with what was given', async () => {
    const folder = await inFolder()
    const path = await newConfig({ source: 'csv:a b', home: '/h: x' })
    expect(path).toBe(join(folder, 'rental-etl.yml'))
    const { targets } = await readConfig(path, await readFile(path, 'utf8'))
    expect(targets.local).toMatchObject({ source: 'csv:a b', home: '/h: x', schedule: '0 2 * * *' })
    expect(settingsOf(await readInputs({}))).toMatchObject({
      home: '/h: x',
      source: `csv:${join(folder, 'a b')}`,
    })
  })

  test('one that is there is not written over', async () => {
    const folder = await inFolder()
    await writeFile(join(folder, 'rental-etl.yml'), 'target: mine\n')
    await expect(newConfig({})).rejects.toMatchObject({
      code: 'USAGE',
      exit: 'usage',
      message: `${join(folder, 'rental-etl.yml')} is there already; nothing was changed`,
      suggestions: ['rental-etl doctor'],
    })
    expect(await readFile(join(folder, 'rental-etl.yml'), 'utf8')).toBe('target: mine\n')
  })

  test.each(['mysql://root:secret@db', 'ftp'])('nothing is written for %s', async (source) => {
    const folder = await inFolder()
    await mkdir(join(folder, 'x'))
    await expect(newConfig({ source })).rejects.toMatchObject({ code: 'USAGE' })
    await expect(readFile(join(folder, 'rental-etl.yml'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('newSource', () => {
  test('a flag wins over the environment, and a password is not kept', () => {
    const env = { RENTAL_ETL_SOURCE: 'mysql://u:secret@h/d?ssl-mode=required' }
    expect(newSource({}, env, '/w')).toMatchObject({
      source: 'mysql://u@h:3306/d?ssl-mode=required',
      spec: { password: 'secret' },
    })
    expect(newSource({ source: 'csv:d' }, env, '/w')).toMatchObject({
      source: 'csv:d',
      spec: { kind: 'csv', folder: '/w/d' },
      home: '/w/.rental-etl',
    })
  })

  test('none, or one with a password in a flag, is refused', () => {
    expect(() => newSource({}, {}, '/w')).toThrow('none is given')
    expect(() => newSource({ source: 'mysql://u:secret@h/d' }, {}, '/w')).toThrow('--source holds a password')
  })
})
