import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ownMark } from '../../../../../src/lib/adapters/files/process-life.js'
import {
  clearDead,
  clearFirstForm,
  EXPORT_LINK,
  openScratch,
  SCRATCH_MARKER,
  spillFolder,
  workIn,
} from '../../../../../src/lib/adapters/local/home/scratch.js'
import { temporaryFolder } from '../../../../support/temporary.js'

// No process has this number: it is beyond what systems give.
const DEAD = 99_999_999

/** A scratch folder as a process has left it, with a file in it. */
async function leftBy(parent: string, mark: object, name = `rental-etl-${DEAD}-0123456789ab`): Promise<string> {
  const path = join(parent, name)
  await mkdir(join(path, 'data'), { recursive: true })
  await writeFile(join(path, SCRATCH_MARKER), JSON.stringify(mark))
  return path
}

const dead = { ...ownMark(), pid: DEAD }

test('a scratch folder is this process alone, and is gone when it is removed', async () => {
  const parent = join(await temporaryFolder(), 'tmp')
  const [one, other] = [await openScratch(parent), await openScratch(parent)]
  expect(one.path).not.toBe(other.path)
  await writeFile(join(one.path, 'x'), '')
  await clearDead(parent)
  expect((await readdir(parent)).sort()).toEqual([basename(one.path), basename(other.path)].sort())
  await one.remove()
  await other.remove()
  expect(await readdir(parent)).toEqual([])
})

test('why the work failed is told, and not that its folder cannot be removed', async () => {
  const stuck = { path: 'folder', remove: () => Promise.reject(new Error('not empty')) }
  await expect(workIn(stuck, () => Promise.reject(new Error('no space')))).rejects.toThrow('no space')
  await expect(workIn(stuck, async (folder) => folder)).rejects.toThrow('not empty')
  const remove = vi.fn(async () => undefined)
  expect(await workIn({ path: 'folder', remove }, async (folder) => folder)).toBe('folder')
  expect(remove).toHaveBeenCalledOnce()
})

test('what a dead process left is cleared by the next one', async () => {
  const parent = await temporaryFolder()
  await leftBy(parent, dead)
  // Its number was given to another process since: this one.
  await leftBy(parent, { ...ownMark(), start: '1' }, `rental-etl-${process.pid}-0123456789ab`)
  const scratch = await openScratch(parent)
  expect(await readdir(parent)).toEqual([basename(scratch.path)])
})

test('a folder is known as ours until all in it is gone: a kill in the middle leaves nothing for good', async () => {
  const parent = await temporaryFolder()
  const { path, remove } = await openScratch(parent)
  const data = join(path, 'data')
  await mkdir(data)
  for (let n = 0; n < 500; n++) await writeFile(join(data, String(n)), '')
  let going = true
  const removed = remove().finally(() => {
    going = false
  })
  let orphaned = false
  while (going) {
    orphaned ||= !existsSync(join(path, SCRATCH_MARKER)) && existsSync(data)
    await new Promise(setImmediate)
  }
  await removed
  expect(orphaned).toBe(false)
  expect(await readdir(parent)).toEqual([])
})

test('what a process left before it was marked is cleared; not that of a living one, nor of another machine', async () => {
  const parent = await temporaryFolder()
  const scratch = await openScratch(parent)
  const living = basename(scratch.path)
  const named = (pid: number, end: string): string =>
    living.replace(`-${process.pid}-`, `-${pid}-`).replace(/.{2}$/, end)
  const kept = [
    living,
    named(process.pid, '00'),
    named(DEAD, '03'),
    named(DEAD, '04').replace(/etl-[0-9a-f]{8}/, 'etl-00000000'),
  ]
  const empty = [named(DEAD, '01'), named(DEAD, '02'), ...kept.slice(1)]
  for (const name of empty) await mkdir(join(parent, name))
  await writeFile(join(parent, named(DEAD, '02'), SCRATCH_MARKER), '')
  await writeFile(join(parent, named(DEAD, '03'), 'somebody-s'), '')
  await clearDead(parent)
  expect((await readdir(parent)).sort()).toEqual(kept.sort())
})

test('nothing that this tool did not make is removed, whatever its name', async () => {
  const parent = await temporaryFolder()
  await mkdir(join(parent, 'important'))
  await leftBy(parent, dead, 'important-too')
  await mkdir(join(parent, `rental-etl-${DEAD}-0123456789ab`, 'mine'), { recursive: true })
  await leftBy(parent, { ...dead, host: 'elsewhere' }, `rental-etl-${DEAD}-1123456789ab`)
  await leftBy(parent, ownMark(), `rental-etl-${process.pid}-0123456789ab`)
  // A link to a folder that would be cleared, and a marker that is one.
  const elsewhere = await temporaryFolder()
  await rename(await leftBy(parent, dead, 'moved'), join(elsewhere, 'ours'))
  await symlink(join(elsewhere, 'ours'), join(parent, `rental-etl-${DEAD}-2123456789ab`))
  await mkdir(join(parent, `rental-etl-${DEAD}-3123456789ab`))
  await symlink(
    join(elsewhere, 'ours', SCRATCH_MARKER),
    join(parent, `rental-etl-${DEAD}-3123456789ab`, SCRATCH_MARKER),
  )
  const before = (await readdir(parent)).sort()
  await clearDead(parent)
  expect((await readdir(parent)).sort()).toEqual(before)
  expect(await readdir(join(elsewhere, 'ours'))).toEqual([SCRATCH_MARKER, 'data'])
})

test('a link inside of a folder that is cleared is removed, and not what it leads to', async () => {
  const [parent, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
  await writeFile(join(elsewhere, 'important'), '')
  await symlink(elsewhere, join(await leftBy(parent, dead), 'link'))
  await clearDead(parent)
  expect([await readdir(parent), await readdir(elsewhere)]).toEqual([[], ['important']])
})

test('each opening spills into a folder of its own; without a place there, elsewhere', async () => {
  const home = await temporaryFolder()
  const work = join(home, 'tmp')
  await mkdir(work)
  const [one, other] = [spillFolder(work), spillFolder(work)]
  expect(one.path).not.toBe(other.path)
  expect(one.path.startsWith(`${work}/rental-etl-spill-`)).toBe(true)
  expect(spillFolder(join(work, 'spill')).path.startsWith(`${work}/rental-etl-spill-`)).toBe(true)
  expect(spillFolder('/nowhere/at/all').path.startsWith(`${tmpdir()}/rental-etl-spill-`)).toBe(true)
  await mkdir(one.path)
  await writeFile(join(one.path, 'duckdb_temp_storage_DEFAULT-0.tmp'), '')
  one.remove()
  other.remove()
  expect(await readdir(work)).toEqual([])
})

test('what a dead process spilled is cleared, unless something else lies in it', async () => {
  const elsewhere = join(await temporaryFolder(), 'mine.csv')
  await writeFile(elsewhere, '')
  const parent = await temporaryFolder()
  const own = basename(spillFolder(parent).path)
  const left = (hex: string): string =>
    join(parent, own.replace(`-${process.pid}-`, `-${DEAD}-`).replace(/.{12}$/, hex))
  for (const [hex, file] of [
    ['000000000000', 'duckdb_temp_storage_S64K-0.tmp'],
    ['111111111111', 'important'],
  ] as const) {
    await mkdir(left(hex))
    await writeFile(join(left(hex), file), '')
  }
  await mkdir(join(parent, own))
  // A file was being written elsewhere.
  await symlink(elsewhere, join(left('000000000000'), EXPORT_LINK))
  await clearDead(parent)
  expect(existsSync(elsewhere)).toBe(true)
  expect((await readdir(parent)).sort()).toEqual([own, basename(left('111111111111'))].sort())
  expect(existsSync(join(left('111111111111'), 'important'))).toBe(true)
})

test('the folder that version 0.1.0 left of a run is known by its name and by all that is in it', async () => {
  const work = await temporaryFolder()
  await mkdir(join(work, 'r-1', 'data'), { recursive: true })
  await writeFile(join(work, 'r-1', 'bookings.csv.normalised'), '')
  await clearFirstForm(work, 'r-1')
  await mkdir(join(work, 'r-2', 'photos'), { recursive: true })
  await clearFirstForm(work, 'r-2')
  expect(await readdir(work)).toEqual(['r-2'])
  await rm(join(work, 'r-2'), { recursive: true })
  await clearFirstForm(work, 'r-3')
})
