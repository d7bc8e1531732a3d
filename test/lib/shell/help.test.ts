import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stateText } from '../../../src/lib/shell/help.js'
import { cli } from '../../support/cli.js'
import { smallHome } from '../../support/small-home.js'

const NOW = new Date('2026-05-02T05:00:00Z')
const place = (command: string): string => `${command} --home h`

describe('the state of a home in a line', () => {
  const newest = { run_id: 'r', at: '2026-05-02T02:00:00Z', as_of: '2026-05-01' }
  test.each([
    ['succeeded', 'run r succeeded 3 h ago, as of 2026-05-01'],
    ['failed', 'run r failed 3 h ago: rental-etl runs show r --home h'],
    ['canceled', 'run r was canceled 3 h ago: rental-etl resume r --home h'],
    ['running', 'run r is going on, begun 3 h ago: rental-etl watch r --home h'],
    ['broken off', 'run r was broken off, begun 3 h ago: rental-etl resume r --home h'],
  ] as const)('%s', (status, text) => {
    expect(stateText({ home: '/h', newest: { ...newest, status } }, NOW, place)).toBe(`this home: ${text} (/h)`)
  })

  test('no run yet', () => {
    expect(stateText({ home: '/h', newest: undefined }, NOW, place)).toBe('this home: no run yet (/h)')
  })
})

describe('the first screen', () => {
  const { home } = smallHome()
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rental-etl-help-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('says how to start, how this home is, and the commands by what they are for', async () => {
    const { code, stdout, stderr } = await cli([], { cwd: folder })
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines.filter((line) => /^[A-Z-]+$/.test(line))).toEqual(['RUN', 'DATA', 'METRICS', 'SET-UP'])
    expect(stdout).toContain('\n  rental-etl run --watch ')
    expect(stdout).toContain('\n  rental-etl metrics occupancy --month ')
    expect(stdout).toContain(`\nthis home: no run yet (${join(folder, '.rental-etl')})\n`)
    expect(lines.filter((line) => line.length > 80 && !line.startsWith('this home')).length).toBeLessThan(2)
    expect((await cli(['--help'], { cwd: folder })).stdout).toBe(stdout)
    expect((await cli(['help'], { cwd: folder })).stdout).toBe(stdout)
  })

  test('is that of the home that is named', async () => {
    const { stdout } = await cli(['--help', '--home', home()], { cwd: folder })
    expect(stdout).toMatch(/\nthis home: run second failed \d+ (s|min) ago: rental-etl runs show second --home /)
    expect(stdout).toContain(`\n  rental-etl run --watch --home ${home()} `)
    const { stdout: before } = await cli(['--home', home(), '--help'], { cwd: folder })
    expect(before.replace(/\d+ (s|min) ago/, '')).toBe(stdout.replace(/\d+ (s|min) ago/, ''))
  })

  test('writes no control character of a name to the terminal', async () => {
    const { stdout } = await cli(['--help', '--home', 'x\u001b[31m\u202e'], { cwd: folder })
    expect(stdout).toContain('x\\u001b[31m\\u202e')
    expect(['\u001b', '\u202e'].filter((one) => stdout.includes(one))).toEqual([])
  })

  test('comes also where the home cannot be known', async () => {
    const { code, stdout } = await cli(['--help', '--target', 'none'], { cwd: folder })
    expect(code).toBe(0)
    expect(stdout).toContain('\nthis home: not known: there is no target none (--target)')
  })
})
