import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../kill/process.js'
import { ALTERATIONS, alter, alterBy } from './alterations.js'
import { type Scratch, scratchFolder } from './temporary.js'

let scratch: Scratch
// Two homes: curated is up to raw, and raw is ahead of it.
let level: DuckDBConnection
let ahead: DuckDBConnection
const instances: DuckDBInstance[] = []

beforeAll(async () => {
  scratch = await scratchFolder()
  const history = join(scratch.path, 'history')
  const type = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await runCli(words)
    expect(`${code} ${code === 0 ? '' : stderr}`).toBe('0 ')
  }
  await type('sample', history, '--scale', '0.02', '--days', '2', '--dirt', '0.05')
  for (const day of ['day00', 'day01'])
    await type(
      'run',
      '--home',
      join(scratch.path, 'level'),
      '--source',
      `csv:${join(history, day)}`,
      '--as-of',
      '2026-07-01',
    )
  await cp(join(scratch.path, 'level'), join(scratch.path, 'ahead'), { recursive: true })
  const more = ['--source', `csv:${join(history, 'day02')}`, '--as-of', '2026-07-01', '--to', 'raw']
  await type('run', '--home', join(scratch.path, 'ahead'), ...more)
  level = await open('level')
  ahead = await open('ahead')
})

afterAll(async () => {
  for (const instance of instances) instance.closeSync()
  await scratch[Symbol.asyncDispose]()
})

async function open(home: string): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(join(scratch.path, home, 'warehouse.duckdb'))
  instances.push(instance)
  return instance.connect()
}

test('names are told apart', () => {
  const names = ALTERATIONS.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(98)
})

test.each(ALTERATIONS.filter(({ sql }) => sql).map((alteration) => [alteration.name, alteration] as const))(
  '%s: the statements apply, and change something',
  async (_, alteration) => {
    const db = alteration.state === 'raw ahead' ? ahead : level
    await db.run('begin transaction')
    try {
      const applied = await alterBy(db, alteration)
      expect(applied || alteration.needs !== undefined).toBe(true)
    } finally {
      await db.run('rollback')
    }
  },
)

test.each(ALTERATIONS.filter(({ action }) => action).map((alteration) => [alteration.name, alteration] as const))(
  '%s: changes a file',
  async (_, alteration) => {
    const home = join(scratch.path, 'altered')
    await cp(join(scratch.path, 'level'), home, { recursive: true })
    await alter(home, alteration)
    expect(await files(home)).not.toEqual(await files(join(scratch.path, 'level')))
    await rm(home, { recursive: true })
  },
)

/** A digest of each file, by its path. */
async function files(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []))
  const digest = async (path: string): Promise<[string, string]> => [
    path.slice(folder.length),
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  ]
  return Object.fromEntries(await Promise.all(found.map(digest)))
}
