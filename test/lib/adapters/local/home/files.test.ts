import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  finalPlace,
  moveInto,
  readJson,
  removeMoving,
  removeTemporaries,
  writeAtomic,
} from '../../../../../src/lib/adapters/local/home/files.js'
import { temporaryFolder } from '../../../../support/temporary.js'

/** A folder on another file system than that of temporary files; undefined where there is none. */
async function otherDisk(): Promise<string | undefined> {
  try {
    const [here, there] = await Promise.all([lstat(await temporaryFolder()), lstat('/dev/shm'), statfs('/dev/shm')])
    if (here.dev === there.dev) return undefined
    const folder = await mkdtemp('/dev/shm/rental-etl-test-')
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    return folder
  } catch {
    return undefined
  }
}

describe('moveInto', () => {
  for (const place of ['the same disk', 'another disk'] as const) {
    test(`a folder and a file appear whole in their place, on ${place}`, async ({ skip }) => {
      const from = await temporaryFolder()
      const to = place === 'the same disk' ? await temporaryFolder() : await otherDisk()
      if (to === undefined) return skip('there is no other file system here')
      await mkdir(join(from, 'folder', 'deep'), { recursive: true })
      await writeFile(join(from, 'folder', 'deep', 'x'), 'one')
      await writeFile(join(from, 'file'), 'two')
      await writeFile(join(to, 'file'), 'old')
      await moveInto(join(from, 'folder'), join(to, 'folder'))
      await moveInto(join(from, 'file'), join(to, 'file'))
      expect(await readdir(from)).toEqual([])
      expect((await readdir(to)).sort()).toEqual(['file', 'folder'])
      expect(await readFile(join(to, 'folder', 'deep', 'x'), 'utf8')).toBe('one')
      expect(await readFile(join(to, 'file'), 'utf8')).toBe('two')
    })
  }

  test('what a kill has left of it is removed by name', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'run.rental-etl-moving', 'x'), { recursive: true })
    await removeMoving(join(folder, 'run'))
    expect(await readdir(folder)).toEqual([])
  })

  test('what cannot be moved is told with its place', async () => {
    const folder = await temporaryFolder()
    await expect(moveInto(join(folder, 'none'), join(folder, 'x'))).rejects.toMatchObject({ code: 'IO' })
  })
})

test('the place that a link means, also where nothing is there yet', async () => {
  const [folder, disk] = [await temporaryFolder(), await temporaryFolder()]
  await symlink(join(disk, 'wh.duckdb'), join(folder, 'one'))
  await symlink('one', join(folder, 'two'))
  expect(await finalPlace(join(folder, 'two'))).toBe(join(disk, 'wh.duckdb'))
  expect(await finalPlace(join(folder, 'none'))).toBe(join(folder, 'none'))
  await symlink('round', join(folder, 'round'))
  await expect(finalPlace(join(folder, 'round'))).rejects.toMatchObject({ code: 'IO' })
})

test('two writers of one file do not meet, and leave nothing behind', async () => {
  const folder = await temporaryFolder()
  const texts = Array.from({ length: 20 }, (_, at) => `{"at":${at}}`)
  await Promise.all(texts.map((text) => writeAtomic(join(folder, 'x.json'), text)))
  expect(texts).toContain(await readFile(join(folder, 'x.json'), 'utf8'))
  expect(await readdir(folder)).toEqual(['x.json'])
  await writeFile(join(folder, 'x.json.0123456789ab.tmp'), '')
  await removeTemporaries(folder)
  expect(await readdir(folder)).toEqual(['x.json'])
})

test('a pipe is no file', async () => {
  const path = join(await temporaryFolder(), 'x.json')
  execFileSync('mkfifo', [path])
  await expect(readJson(path)).rejects.toMatchObject({ code: 'IO', message: `${path} is no regular file` })
})
