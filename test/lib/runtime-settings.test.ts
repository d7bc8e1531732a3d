import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../src/lib/adapters/files/config-file.js'
import type { ConfigInputs } from '../../src/lib/core/config/config.js'
import { newConfig, readInputs, settingsOf } from '../../src/lib/runtime-settings.js'
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
    expect(settingsOf(await inputs(undefined))).toEqual({
      target: 'local',
      home: '/w/sub/.rental-etl',
      source: { kind: 'sample', scale: 1 },
      sourceSpec: 'sample',
      asOf: undefined,
      schedule: '0 2 * * *',
      guards: { max_deleted: 0.2, max_deleted_min_rows: 1000, max_quarantined: 1 },
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
    guards: {max_deleted: 1}
`

  test('paths of a file are relative to it', async () => {
    expect(settingsOf(await inputs(TEXT))).toEqual({
      target: 'local',
      home: '/home',
      source: { kind: 'csv', folder: '/w/data' },
      sourceSpec: 'csv:data',
      asOf: '2025-03-24',
      schedule: '30 3 * * *',
      guards: { max_deleted: 1, max_deleted_min_rows: 1000, max_quarantined: 1 },
      configPath: '/w/rental-etl.yml',
      configFolder: '/w',
    })
  })

  test('those of flags and variables to the working directory, and the default home to the file', async () => {
    const settings = settingsOf(await inputs(TEXT, { flags: { source: 'csv:data' }, env: { RENTAL_ETL_HOME: 'home' } }))
    expect([settings.source, settings.home]).toEqual([{ kind: 'csv', folder: '/w/sub/data' }, '/w/sub/home'])
    expect(settingsOf(await inputs('target: local\n')).home).toBe('/w/.rental-etl')
  })

  test('a source that is none is a mistake of who named it', async () => {
    const named = await inputs('targets: {local: {source: ftp}}\n')
    expect(() => settingsOf(named)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: '/w/rental-etl.yml:1 targets.local.source: "ftp" is no source; it takes csv:DIR or sample[:scale]',
      }),
    )
    const asked = await inputs(undefined, { flags: { source: 'ftp' } })
    expect(() => settingsOf(asked)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: '--source: "ftp" is no source; it takes csv:DIR or sample[:scale]',
      }),
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
      source: { kind: 'csv', folder: join(folder, 'a b') },
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
