import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BIN, cli } from '../support/cli.js'
import { terminal } from '../support/pty.js'
import { smallHome } from '../support/small-home.js'

const { home } = smallHome()
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rental-etl-around-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('global flags in front of the command', () => {
  test.each([
    [['-t', 'local'], []],
    [['--home=HOME', '--json'], []],
    [['--home', 'HOME', '--target=local', '--json'], []],
  ])('%j', async (before) => {
    const flags = before.map((word) => word.replace('HOME', home()))
    const [moved, usual] = [
      await cli([...flags, 'runs', 'show', 'first'], { cwd: folder }),
      await cli(['runs', 'show', 'first', ...flags], { cwd: folder }),
    ]
    expect(moved).toEqual(usual)
    expect(usual.code).toBe(before[0] === '-t' ? 66 : 0)
  })

  test('without a command', async () => {
    expect(await cli(['--home', 'x'])).toMatchObject({
      code: 64,
      stderr: 'error: there is no command behind --home x\n  try: rental-etl --help\n',
    })
    const { code, stdout } = await cli(['--json', '--home', 'x'])
    expect([code, JSON.parse(stdout).error.code]).toEqual([64, 'UNKNOWN_COMMAND'])
  })
})

describe('a working directory that was removed is told as that', () => {
  const inGone = async (words: string): Promise<string> => {
    const script = `mkdir gone && cd gone && rmdir ../gone && "$@" ${words}; echo "exit $?"`
    const shell = terminal('bash', ['-c', script, 'bash', process.execPath, BIN], { cwd: folder, columns: 300 })
    expect(await shell.ended()).toBe(0)
    return shell.screen.text
  }

  test.each(['runs', 'doctor', 'run', 'sample x', 'init', 'verify', 'query "select 1"', 'config explain home'])(
    '%s',
    async (words) => {
      const text = await inGone(words)
      expect(text).toContain('error: the working directory is gone')
      expect(text).toContain('\nexit 66')
      expect(text).not.toContain('bug')
    },
  )

  test('what needs none works', async () => {
    for (const words of ['--version', '--help', 'metrics']) expect(await inGone(words)).toContain('\nexit 0')
  })
})

describe('a folder for temporary files that is not there', () => {
  test.each([
    ['ci', 'smoke'],
    ['run', '--dry-run', '--source', 'sample:0.02'],
  ])('%s %s', async (...words) => {
    const TMPDIR = join(folder, 'missing')
    const { code, stderr } = await cli([...words, '--home', join(folder, 'h')], { cwd: folder, env: { TMPDIR } })
    expect(stderr).toContain(`error: no folder for temporary files can be made in ${TMPDIR} (TMPDIR): ENOENT`)
    expect(stderr).toContain('\n  try: export TMPDIR=DIR ')
    expect(code).toBe(74)
  })

  test('hinders nothing else', async () => {
    const { code, stderr } = await cli(['runs', 'show', 'first', '--home', home()], {
      env: { TMPDIR: join(folder, 'missing') },
    })
    expect([code, stderr]).toEqual([0, ''])
  })
})

test("a HOME that is nobody's, or another user's, is not told on each command", async () => {
  for (const HOME of ['/dev/null', '/proc/nowhere', join(folder, 'missing')]) {
    const { code, stderr } = await cli(['runs', 'show', 'first', '--home', home()], { env: { HOME } })
    expect([HOME, code, stderr]).toEqual([HOME, 0, ''])
  }
  // The framework would read plugins of the user's there.
  const { stderr } = await cli(['runs', '--home', home()], { env: { RENTAL_ETL_DATA_DIR: '/dev/null/x' } })
  expect(stderr).not.toContain('Warning')
})
