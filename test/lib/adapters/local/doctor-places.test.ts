import { execFileSync } from 'node:child_process'
import { mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { assertPlaces } from '../../../../src/lib/adapters/local/doctor-places.js'
import { temporaryFolder } from '../../../support/temporary.js'

const NOWHERE = '/nowhere/at/all'

let folder: string
let home: string

beforeEach(async () => {
  folder = await temporaryFolder()
  home = join(folder, 'a home')
  for (const name of ['runs/r1', 'tmp', 'data/raw/bookings/run_id=r1', 'data/rejected/bookings'])
    await mkdir(join(home, name), { recursive: true })
  for (const name of ['warehouse.duckdb', 'run.lock.duckdb', 'run.lock.json', 'runs.jsonl', 'notices.jsonl'])
    await writeFile(join(home, name), '')
})

async function replaced(name: string, by: 'link' | 'folder' | 'pipe' | 'file'): Promise<string> {
  const path = join(home, name)
  await rm(path, { recursive: true, force: true })
  if (by === 'link') await symlink(NOWHERE, path)
  if (by === 'folder') await mkdir(path)
  if (by === 'pipe') execFileSync('mkfifo', [path])
  if (by === 'file') await writeFile(path, '')
  return path
}

const told = (message: string, mend: string): object => ({ code: 'IO', exit: 'io', message, suggestions: [mend] })

test('a home as runs leave it, one that is begun, and one that is not there', async () => {
  await assertPlaces(home)
  await assertPlaces(folder)
  await assertPlaces(join(folder, 'not', 'yet'))
})

const FOLDERS = [
  'runs',
  'runs/r1',
  'tmp',
  'data',
  'data/raw',
  'data/rejected',
  'data/raw/bookings',
  'data/rejected/user_viewing',
]
const FILES = ['warehouse.duckdb', 'run.lock.duckdb', 'runs.jsonl', 'notices.jsonl', 'runs/r1/events.jsonl']

test.each([...FOLDERS, ...FILES, 'runs/r1/run.json', '.'])('%s is a link to nowhere', async (name) => {
  const path = await replaced(name, 'link')
  await expect(assertPlaces(home)).rejects.toMatchObject(
    told(`${path} is a link to nowhere (${NOWHERE})`, `rm '${path}'   # the link; or bring back what it leads to`),
  )
})

test.each([
  ...FOLDERS.flatMap(
    (name) =>
      [
        [name, 'file'],
        [name, 'pipe'],
      ] as const,
  ),
  ['.', 'file'] as const,
])('where the folder %s belongs lies a %s', async (name, by) => {
  const path = await replaced(name, by)
  await expect(assertPlaces(home)).rejects.toMatchObject(
    told(`${path} is no folder`, `mv '${path}' '${path}.aside'   # out of the way`),
  )
})

test.each(
  FILES.flatMap(
    (name) =>
      [
        [name, 'folder'],
        [name, 'pipe'],
      ] as const,
  ),
)('where the file %s belongs lies a %s', async (name, by) => {
  const path = await replaced(name, by)
  await expect(assertPlaces(home)).rejects.toMatchObject(
    told(`${path} is no regular file`, `mv '${path}' '${path}.aside'   # out of the way`),
  )
})

describe('what a run takes away by itself', () => {
  const PASSING = ['run.lock.json', 'warehouse.next.duckdb', 'warehouse.next.duckdb.wal']
  test.each(PASSING)('%s may be a link or a pipe, and no folder', async (name) => {
    await replaced(name, 'link')
    await assertPlaces(home)
    await replaced(name, 'pipe')
    await assertPlaces(home)
    const path = await replaced(name, 'folder')
    await expect(assertPlaces(home)).rejects.toMatchObject(
      told(`${path} is a folder`, `mv '${path}' '${path}.aside'   # out of the way`),
    )
  })
})

test('several are told together, the first with what mends it', async () => {
  for (const name of ['tmp', 'runs', 'data', 'warehouse.duckdb']) await replaced(name, 'link')
  await expect(assertPlaces(home)).rejects.toMatchObject(
    told(
      `${['runs', 'tmp', 'data'].map((name) => `${join(home, name)} is a link to nowhere (${NOWHERE})`).join(', ')} and 1 more`,
      `rm '${join(home, 'runs')}'   # the link; or bring back what it leads to`,
    ),
  )
})

test('links that lead somewhere are followed, and a file may be made where its link leads to', async () => {
  const other = join(folder, 'other')
  await mkdir(join(other, 'lake'), { recursive: true })
  await rm(join(home, 'data'), { recursive: true })
  await symlink(join(other, 'lake'), join(home, 'data'))
  await rm(join(home, 'warehouse.duckdb'))
  await symlink(join(other, 'to-be-made.duckdb'), join(home, 'warehouse.duckdb'))
  await assertPlaces(home)
  expect(dirname(await readlink(join(home, 'warehouse.duckdb')))).toBe(other)
})

test('links that go round in a circle lead to nowhere', async () => {
  await rm(join(home, 'warehouse.duckdb'))
  await symlink(join(home, 'warehouse.duckdb'), join(home, 'warehouse.duckdb'))
  await expect(assertPlaces(home)).rejects.toMatchObject({
    message: expect.stringContaining('warehouse.duckdb is a link to nowhere'),
  })
})

test('a folder above a home that is to be made is looked at, too', async () => {
  const link = join(folder, 'disk')
  await symlink(NOWHERE, link)
  await expect(assertPlaces(join(link, 'x', 'home'))).rejects.toMatchObject({
    message: `${link} is a link to nowhere (${NOWHERE})`,
  })
  await writeFile(join(folder, 'file'), '')
  await expect(assertPlaces(join(folder, 'file', 'home'))).rejects.toMatchObject({
    message: `${join(folder, 'file')} is no folder`,
  })
})
