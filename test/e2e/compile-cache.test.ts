import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cli } from '../support/cli.js'

const { compileCacheFolder } = (await import(
  pathToFileURL(join(import.meta.dirname, '../../bin/compile-cache.js')).href
)) as { compileCacheFolder: (env: Record<string, string>, uid?: number) => string | undefined }

const uid = process.getuid?.() ?? 0

async function folder(): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'rental-etl-cache-')))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

describe('compiled code is kept', () => {
  test("in the user's own cache, which is made for the user alone", async () => {
    const home = await folder()
    expect(compileCacheFolder({ HOME: home }, uid)).toBe(join(home, '.cache', 'rental-etl', 'compile'))
    expect(compileCacheFolder({ HOME: home }, uid)).toBe(join(home, '.cache', 'rental-etl', 'compile'))
    const other = await folder()
    expect(compileCacheFolder({ HOME: home, XDG_CACHE_HOME: other }, uid)).toBe(join(other, 'rental-etl', 'compile'))
  })

  test.each<[string, (home: string) => Promise<unknown>]>([
    ['a cache that others can write', (home) => chmod(join(home, '.cache'), 0o777)],
    ['a folder of ours that the group can write', (home) => chmod(join(home, '.cache/rental-etl'), 0o770)],
    [
      'a place for compiled code that others can write',
      (home) => chmod(join(home, '.cache/rental-etl/compile'), 0o757),
    ],
    ['a home that others can write, and so replace the cache in', (home) => chmod(home, 0o777)],
    [
      'a link in place of the folder',
      async (home) => {
        await rm(join(home, '.cache/rental-etl/compile'), { recursive: true })
        await mkdir(join(home, 'planted'))
        await symlink(join(home, 'planted'), join(home, '.cache/rental-etl/compile'))
      },
    ],
    [
      'a file in place of the cache',
      async (home) =>
        rm(join(home, '.cache'), { recursive: true }).then(() => symlink('/dev/null', join(home, '.cache'))),
    ],
  ])('not in %s', async (_, spoil) => {
    const home = await folder()
    expect(compileCacheFolder({ HOME: home }, uid)).toBeDefined()
    await spoil(home)
    expect(compileCacheFolder({ HOME: home }, uid)).toBeUndefined()
  })

  test("nor in a folder of another user's, such as that of who calls sudo", async () => {
    const home = await folder()
    expect(compileCacheFolder({ HOME: home }, uid + 1)).toBeUndefined()
    expect(await readdir(home)).toEqual([])
    expect(compileCacheFolder({ HOME: '/nowhere' }, uid)).toBeUndefined()
    expect(compileCacheFolder({ HOME: 'relative' }, uid)).toBeUndefined()
  })
})

test("a start takes nothing from, and leaves nothing in, the system's folder for temporary files", async () => {
  const [home, tmp] = [await folder(), await folder()]
  const missing = join(tmp, 'missing')
  for (const TMPDIR of [tmp, missing]) {
    const { code } = await cli(['--version'], { env: { HOME: home, TMPDIR, XDG_CACHE_HOME: '' } })
    expect(code).toBe(0)
  }
  expect(await readdir(tmp)).toEqual([])
  expect(await readdir(join(home, '.cache/rental-etl/compile'))).not.toEqual([])
})
