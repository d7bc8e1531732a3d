import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { captureCommand } from '../support/capture-command.js'
import { cli } from '../support/cli.js'
import { allCommands } from '../support/commands.js'
import { SMALL_AS_OF, smallSource } from '../support/small-warehouse.js'

/** Parts of the password; none of them may be told or kept. */
const PARTS = ['hunter2', 'corr3ct', 'st4ple']
const PASSWORD = PARTS.join('')
const SOURCES = [
  `mysql://u:${PASSWORD}@h:3306/db`,
  `mysql://u:${PARTS.join(' ')}@h/db`,
  `mysql://u:${PARTS.join('@')}@h/db`,
  `mysql://u:${PARTS.join('\n')}@h/db`,
  `mysql://h/db?password=${PASSWORD}`,
  `mysql://h/db?user=u&PWD=${PARTS.join(' ')}`,
  `mysql://h/db?pass%77ord=${PASSWORD}`,
  `jdbc:mysql://h:3306/db?user=u&password=${PASSWORD}`,
  `csv:https://u:${PASSWORD}@h/in`,
  `csv:in;password=${PARTS.join('&')}`,
  `host=h;passwd=${PASSWORD}`,
  `s3://b/in?aws_secret_access_key=${PASSWORD}`,
  `https://h/in?access_token=${PASSWORD}`,
  `mysql:u/${PASSWORD}@h`,
]

/** What each command needs to get as far as it can. */
const WORDS: Record<string, string[]> = {
  'bookmarks reset': ['--yes'],
  'bookmarks restore': ['--yes'],
  'bookmarks rewind': ['--to-run', '@latest', '--yes'],
  cancel: ['--reason', 'x', '--yes'],
  'config explain': ['source'],
  trace: ['booking', '1'],
  export: ['fact_bookings', '--to', 'OUT/x.csv', '--yes'],
  query: ['select 1'],
  'quarantine show': ['1'],
  rerun: ['raw'],
  run: ['--as-of', SMALL_AS_OF],
  'runs prune': ['--keep', '1', '--yes'],
  sample: ['OUT/sample', '--scale', '0.001'],
  metrics: ['occupancy'],
}
/** A pipeline of its own: takes seconds, and no source. */
const NO_SOURCE = ['ci smoke']

let root = ''
let started = ''
const home = (): string => join(root, 'home')

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rental-etl-secrets-'))
  started = process.cwd()
  await smallSource(join(root, 'source'))
  await mkdir(join(root, 'out'))
  process.chdir(root)
  const first = await type('run', ['--source', `csv:${join(root, 'source')}`, '--as-of', SMALL_AS_OF])
  expect(first).toMatchObject({ code: 0 })
})
afterAll(async () => {
  process.chdir(started)
  await rm(root, { recursive: true, force: true })
})

async function type(id: string, words: string[]): Promise<{ code: number; said: string }> {
  const command = (await allCommands()).get(id)
  const own = (WORDS[id] ?? []).map((word) => word.replace('OUT', join(root, 'out')))
  const argv = id === 'run' && words.includes('--as-of') ? words : [...own, ...words]
  const { code, stdout, stderr } = await captureCommand(command, id.replaceAll(' ', ':'), ...argv, '--home', home())
  return { code, said: `${stdout}${stderr}` }
}

function leaks(text: string): string[] {
  return PARTS.filter((part) => text.includes(part))
}

async function keptLeaks(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (leaks(entry.name).length > 0) found.push(path)
    if (entry.isFile() && entry.name !== 'rental-etl.yml' && leaks(await readFile(path, 'latin1')).length > 0)
      found.push(path)
  }
  return found
}

const ids = [...(await allCommands()).keys()].filter((id) => !NO_SOURCE.includes(id))

describe.each(ids)('%s neither tells nor keeps a password', (id) => {
  // A command that reaches for its source takes its time: each tries a third of them, all commands together every one.
  const third = SOURCES.filter((_, at) => (at + ids.indexOf(id)) % 3 === 0)
  const sweep = async (
    where: string,
    set: (source: string) => Promise<string[]>,
    { sources, codes }: { sources: readonly string[]; codes?: number[] },
  ): Promise<void> => {
    for (const [at, source] of sources.entries()) {
      const words = await set(source)
      // Text and JSON by turns: both are made of one error.
      const { code, said } = await type(id, [...words, ...(at % 2 === 0 ? [] : ['--json'])])
      expect([where, source, leaks(said)]).toEqual([where, source, []])
      if (codes) expect([where, source, codes.includes(code), code]).toEqual([where, source, true, code])
    }
    expect(await keptLeaks()).toEqual([])
  }

  test('given in a flag: it is refused', async () => {
    await sweep('flag', async (source) => [`--source=${source}`], { sources: SOURCES, codes: [64] })
  })

  test('given in the environment', async () => {
    try {
      const set = async (source: string): Promise<string[]> => {
        vi.stubEnv('RENTAL_ETL_SOURCE', source)
        return []
      }
      await sweep('environment', set, { sources: third })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('written in rental-etl.yml', async () => {
    const file = join(root, 'rental-etl.yml')
    try {
      const set = async (source: string): Promise<string[]> => {
        await writeFile(file, JSON.stringify({ targets: { local: { source } } }))
        return []
      }
      await sweep('file', set, { sources: third })
    } finally {
      await rm(file, { force: true })
    }
  })
})

test('words that are no command, flag or argument are told without it', async () => {
  const source = SOURCES[1] as string
  const lines = [[source], ['run', source], ['run', `--sorce=${source}`], ['--home', source], ['runs', 'show', source]]
  for (const line of lines.flatMap((words) => [words, [...words, '--json']])) {
    const { code, stdout, stderr } = await cli(line, { cwd: root, env: { RENTAL_ETL_HOME: home() } })
    expect([line, code === 0, leaks(stdout + stderr)]).toEqual([line, false, []])
  }
  expect(await keptLeaks()).toEqual([])
})

test('a detached run is not begun with one: its command line would show it', async () => {
  for (const source of SOURCES) {
    const { code, said } = await type('run', ['--as-of', SMALL_AS_OF, '--detach', '--source', source])
    expect([code, leaks(said)]).toEqual([64, []])
  }
  expect((await readdir(join(home(), 'runs'))).length).toBeLessThan(40)
})
