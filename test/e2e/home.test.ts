import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import Run from '../../src/commands/run.js'
import { captureCommand } from '../support/capture-command.js'
import { BIN, cli, plainEnvironment } from '../support/cli.js'
import { SMALL_AS_OF, smallSource } from '../support/small-warehouse.js'
import { scratchFolder, temporaryFolder } from '../support/temporary.js'

// What a home and its surroundings do to a run, and a run to them, by the command line itself.

const { path: root, [Symbol.asyncDispose]: removeRoot } = await scratchFolder()
const SOURCE = join(root, 'source')
const LOADED = join(root, 'loaded')
const RUN = ['run', '--source', `csv:${SOURCE}`, '--as-of', SMALL_AS_OF] as const

beforeAll(async () => {
  await smallSource(SOURCE)
  expect((await captureCommand(Run, ...RUN, '--home', LOADED, '--name', 'first')).code).toBe(0)
})
afterAll(() => removeRoot())

/** A home with one run in it, of this test alone. */
async function loadedHome(): Promise<string> {
  const home = join(await temporaryFolder(), 'home')
  await cp(LOADED, home, { recursive: true })
  return home
}

/** A process that is ended with the test, once it has printed something. */
async function started(args: readonly string[], env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: plainEnvironment(env) })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const TYPESCRIPT = ['--experimental-transform-types', '--no-warnings', '--import', fixture('typescript.mjs')]

/** Another program that changes the warehouse, and holds it open. */
function foreign(home: string, sql = 'select 1'): Promise<ChildProcess> {
  const script = `import { DuckDBInstance } from '@duckdb/node-api'
    const db = await (await DuckDBInstance.create(process.argv[1])).connect()
    await db.run("set wal_autocheckpoint = '1TB'")
    await db.run(process.argv[2])
    console.log('open')
    setTimeout(() => undefined, 120_000)`
  return started(['--input-type=module', '-e', script, join(home, 'warehouse.duckdb'), sql])
}

describe('only what this tool made is ever removed', () => {
  test('a folder with other things in it is no home until it is said to be, and then loses nothing', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'tmp', 'important', 'deep'), { recursive: true })
    const refused = await cli([...RUN, '--home', '.'], { cwd: folder })
    expect([refused.code, refused.stdout]).toEqual([64, ''])
    expect(refused.stderr).toMatch(/^error: .* is no home of this tool, and holds other things: tmp;/)
    expect(await readdir(folder)).toEqual(['tmp'])

    await writeFile(join(folder, '.rental-etl-home.json'), '{"version":1}\n')
    for (const command of [RUN, ['rerun', 'curated'], ['bookmarks', 'reset', '--yes'], RUN])
      expect((await cli([...command, '--home', '.'], { cwd: folder })).code).toBe(0)
    expect(await readdir(join(folder, 'tmp'))).toEqual(['important'])
    expect(existsSync(join(folder, 'tmp', 'important', 'deep'))).toBe(true)
  }, 60_000)

  test('home: . beside other files, and an empty home by flag, variable and file, are refused', async () => {
    const folder = await temporaryFolder()
    const yml = join(folder, 'rental-etl.yml')
    await writeFile(yml, 'targets:\n  local:\n    kind: local\n    home: .\n')
    const run = async (flags: string[], env: Record<string, string> = {}) => {
      const { code, stderr } = await cli([...RUN, ...flags], { cwd: folder, env })
      return [code, stderr.split('\n')[0]]
    }
    expect(await run([])).toEqual([64, expect.stringContaining('holds other things: rental-etl.yml')])
    expect(await run(['--home', ''])).toEqual([64, expect.stringContaining('--home is empty')])
    expect(await run([], { RENTAL_ETL_HOME: '' })).toEqual([64, expect.stringContaining('RENTAL_ETL_HOME is empty')])
    await writeFile(yml, 'targets:\n  local:\n    kind: local\n    home: ""\n')
    expect(await run([])).toEqual([65, expect.stringContaining('targets.local.home')])
    expect(await readdir(folder)).toEqual(['rental-etl.yml'])
  }, 60_000)

  test('what lies behind a linked tmp stays', async () => {
    const [home, disk] = [await loadedHome(), await temporaryFolder()]
    await mkdir(join(disk, 'important'))
    await rm(join(home, 'tmp'), { recursive: true })
    await symlink(disk, join(home, 'tmp'))
    expect((await cli([...RUN, '--home', home])).code).toBe(0)
    expect((await cli(['rerun', 'curated', '--home', home])).code).toBe(0)
    expect(await readdir(disk)).toEqual(['important'])
  }, 60_000)
})

describe('scratch', () => {
  test('processes that spill at once do not meet', async () => {
    const home = await loadedHome()
    const spill = (): Promise<{ code: number | null; out: string }> =>
      new Promise((resolve) => {
        const args = [...TYPESCRIPT, fixture('spilling.ts'), join(home, 'warehouse.duckdb'), join(home, 'tmp')]
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
        let out = ''
        child.stdout.on('data', (data) => {
          out += data
        })
        child.on('exit', (code) => resolve({ code, out }))
      })
    const ends = await Promise.all(Array.from({ length: 6 }, spill))
    expect(ends).toEqual(ends.map(() => ({ code: 0, out: 'spilled\n1000000\n' })))
    expect(await readdir(join(home, 'tmp'))).toEqual([])
  }, 300_000)

  test('what a killed reader has spilled is cleared by the next run', async () => {
    const home = await loadedHome()
    const args = [fixture('spilling.ts'), join(home, 'warehouse.duckdb'), join(home, 'tmp'), 'hang']
    await killed(await started([...TYPESCRIPT, ...args]))
    expect(await readdir(join(home, 'tmp'))).toEqual([expect.stringMatching(/^rental-etl-spill-/)])
    expect((await cli([...RUN, '--home', home])).code).toBe(0)
    expect(await readdir(join(home, 'tmp'))).toEqual([])
  }, 120_000)

  test.each([
    ['a dry run', ['run', '--dry-run', '--source', 'sample:1']],
    ['ci smoke', ['ci', 'smoke']],
  ])(
    'what a killed %s has left is cleared by the next command that needs such a folder',
    async (_, command) => {
      const [home, tmp] = [await loadedHome(), await temporaryFolder()]
      const env = { TMPDIR: tmp }
      const child = spawn(process.execPath, [BIN, ...command, '--home', home], {
        stdio: 'ignore',
        env: plainEnvironment(env),
      })
      const ours = async (): Promise<string[]> => (await readdir(tmp)).filter((name) => name.startsWith('rental-etl-'))
      while ((await ours()).length === 0 && child.exitCode === null) await sleep(20)
      await sleep(300)
      await killed(child)
      await mkdir(join(tmp, 'rental-etl-mine'))
      expect((await ours()).length).toBeGreaterThan(1)
      expect((await cli([...RUN, '--dry-run', '--home', home], { env })).code).toBe(0)
      expect(await ours()).toEqual(['rental-etl-mine'])
    },
    120_000,
  )

  test('a folder for temporary files that is not there, or no folder, is told', async () => {
    const home = await loadedHome()
    const file = join(home, 'cron.log')
    await writeFile(file, '')
    const { code, stderr } = await cli([...RUN, '--dry-run', '--home', home], { env: { TMPDIR: file } })
    expect([code, stderr]).toEqual([
      74,
      expect.stringContaining(`no folder for temporary files can be made in ${file} (TMPDIR)`),
    ])
  }, 60_000)
})

describe('another program', () => {
  test('that has the warehouse open for writing is named, and nothing is lost', async () => {
    const home = await loadedHome()
    const other = await foreign(home)
    const name = `node (PID ${other.pid}) has ${home}/warehouse.duckdb open for writing`
    for (const command of [RUN, ['rerun', 'curated'], ['bookmarks', 'reset', '--yes'], ['verify']]) {
      const { code, stderr } = await cli([...command, '--home', home])
      expect([code, stderr]).toEqual([
        75,
        expect.stringContaining(`error: ${name}\n  try: ps -o pid,user,args -p ${other.pid}`),
      ])
    }
    await killed(other)
    expect((await cli([...RUN, '--home', home])).code).toBe(0)
  }, 120_000)

  test('that died has left its changes beside it: readers say so, the next run puts them aside, and they do not come back', async () => {
    const home = await loadedHome()
    await killed(await foreign(home, 'create table main.mine as select 1 as a'))
    const wal = join(home, 'warehouse.duckdb.wal')
    expect(existsSync(wal)).toBe(true)
    const read = await cli(['metrics', 'occupancy', '--month', '--home', home])
    expect([read.code, read.stderr]).toEqual([0, expect.stringContaining(`its changes are in ${wal}`)])
    const doctor = await cli(['doctor', '--home', home, '--source', `csv:${SOURCE}`])
    expect(doctor.stdout).toContain(
      `! warehouse                    shows run first, as of ${SMALL_AS_OF}; another program`,
    )
    const run = await cli([...RUN, '--home', home, '--json'])
    const { warnings } = JSON.parse(run.stdout) as { warnings: string[] }
    expect([run.code, ...warnings.filter((text) => text.includes('.wal'))]).toEqual([
      0,
      expect.stringContaining(`${wal}; they were put aside as ${wal}.foreign-`),
    ])
    expect((await readdir(home)).filter((name) => name.startsWith('warehouse'))).toEqual([
      'warehouse.duckdb',
      expect.stringMatching(/^warehouse\.duckdb\.wal\.foreign-\d{8}T\d{6}Z$/),
    ])
    const { stdout } = await cli([
      'query',
      `select count(*) as n from duckdb_tables() where table_name = 'mine'`,
      '-o',
      'csv',
      '--home',
      home,
    ])
    expect(stdout).toBe('n\n0\n')
  }, 120_000)
})

describe('places', () => {
  test('data and tmp on another disk, and a warehouse that is a link', async ({ skip }) => {
    const disk = await mkdtemp('/dev/shm/rental-etl-test-').catch(() => undefined)
    if (disk === undefined) return skip('there is no other file system here')
    onTestFinished(() => rm(disk, { recursive: true, force: true }))
    const home = join(await temporaryFolder(), 'home')
    await mkdir(home)
    for (const name of ['data', 'tmp']) {
      await mkdir(join(disk, name))
      await symlink(join(disk, name), join(home, name))
    }
    await symlink(join(disk, 'wh.duckdb'), join(home, 'warehouse.duckdb'))
    for (let run = 0; run < 2; run++) {
      const { code, stderr } = await cli([...RUN, '--home', home])
      expect([code, stderr]).toEqual([0, expect.stringContaining('succeeded')])
    }
    expect((await lstat(join(home, 'warehouse.duckdb'))).isSymbolicLink()).toBe(true)
    expect((await readdir(disk)).sort()).toEqual(['data', 'tmp', 'wh.duckdb'])
    expect((await cli(['verify', '--home', home])).code).toBe(0)
    await symlink(join(disk, 'out.csv'), join(home, 'out.csv'))
    expect(
      (await cli(['export', 'vw_occupancy_rate_monthly', '--to', join(home, 'out.csv'), '--home', home])).code,
    ).toBe(0)
    expect((await lstat(join(home, 'out.csv'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(disk, 'out.csv'), 'utf8')).toMatch(/^month_start,/)
  }, 120_000)

  test.each([
    ['warehouse.duckdb', 'metrics occupancy --month'],
    ['warehouse.duckdb.wal', 'metrics occupancy --month'],
    ['warehouse.duckdb', RUN.join(' ')],
    ['run.lock.duckdb', RUN.join(' ')],
    ['run.lock.json', RUN.join(' ')],
    ['runs.jsonl', 'runs'],
    ['runs/first/run.json', 'runs show'],
    ['runs/first/events.jsonl', 'logs'],
  ])(
    'a pipe in the place of %s is told by %s, and nobody waits',
    async (name, command) => {
      const home = await loadedHome()
      await rm(join(home, name), { force: true })
      execFileSync('mkfifo', [join(home, name)])
      const { code, stderr } = await cli([...command.split(' '), '--home', home])
      if (name === 'run.lock.json') return expect(code).toBe(0)
      expect([code, stderr]).toEqual([74, expect.stringContaining(`${name} is no regular file`)])
    },
    60_000,
  )
})

describe('users', () => {
  const asNobody = (args: readonly string[], home: string): [number | null, string] => {
    const drop = ['--reuid=65534', '--regid=65534', '--clear-groups', 'env', `HOME=${home}`, process.execPath, BIN]
    const { status, stdout, stderr } = spawnSync('setpriv', [...drop, ...args], {
      encoding: 'utf8',
      env: plainEnvironment(),
    })
    return [status, stdout + stderr]
  }
  const isRoot = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0

  test.runIf(isRoot)(
    'a run with sudo, then as the owner: doctor says which file belongs to whom',
    async () => {
      const home = await loadedHome()
      await chown(home, 65534, 65534)
      await chmod(dirname(home), 0o755)
      const [, shown] = asNobody(['doctor', '--home', home, '--source', `csv:${SOURCE}`], home)
      expect(shown).toContain(`✗ home                         this user may not use ${home}/`)
      expect(shown).toContain(`${home}/data (of user 0)`)
      expect(shown).toContain(`    try: sudo chown -R "$(id -u)" ${home}`)
      const [code, text] = asNobody([...RUN, '--home', home], home)
      expect([code, text]).toEqual([74, expect.stringContaining('EACCES: permission denied')])
      execFileSync('chown', ['-R', '65534:65534', home])
      expect(asNobody(['doctor', '--home', home, '--source', `csv:${SOURCE}`], home)[1]).toContain('✓ home ')
      const rootsView = await cli(['doctor', '--home', home, '--source', `csv:${SOURCE}`])
      expect(rootsView.stdout).toContain(
        `! home                         ${home} belongs to user 65534, and this is root`,
      )
    },
    60_000,
  )

  test.runIf(isRoot)(
    'a warehouse in a folder that one may not enter is no warehouse that is missing',
    async () => {
      const home = await loadedHome()
      await chmod(home, 0o700)
      await chmod(dirname(home), 0o755)
      const [code, text] = asNobody(['metrics', 'occupancy', '--home', home], '/tmp')
      expect([code, text]).toEqual([
        74,
        expect.stringContaining(`cannot read ${home}/warehouse.duckdb: EACCES: permission denied`),
      ])
    },
    60_000,
  )
})

describe('limits', () => {
  const limited = async (limit: string, home: string): Promise<[number | null, string]> => {
    const command = [process.execPath, BIN, ...RUN, '--home', home].map((word) => `'${word}'`).join(' ')
    const child = spawn('bash', ['-c', `${limit}; exec ${command}`], { env: plainEnvironment() })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        text += data
      })
    const [code] = (await once(child, 'close')) as [number | null]
    return [code, text]
  }

  test('a file that may not grow is 74, and names the limit', async () => {
    const [code, text] = await limited('ulimit -f 100', join(await temporaryFolder(), 'home'))
    expect([code, text]).toEqual([74, expect.stringContaining('(ulimit -f)')])
  }, 60_000)

  test('too few open files are 74, and name the limit', async () => {
    const [code, text] = await limited('ulimit -n 34', join(await temporaryFolder(), 'home'))
    expect([code, text]).toEqual([74, expect.stringContaining('(ulimit -n)')])
  }, 60_000)
})
