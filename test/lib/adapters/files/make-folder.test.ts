import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../../../src/lib/adapters/files/make-folder.js'
import { temporaryFolder } from '../../../support/temporary.js'

test('makes what is missing, once or twice, and leaves what is there', async () => {
  const root = await temporaryFolder()
  await mkdir(join(root, 'a'))
  await writeFile(join(root, 'a', 'kept'), '')
  const deep = join(root, 'a', 'b', 'c')
  await makeFolder(deep)
  await makeFolder(deep)
  expect((await stat(deep)).isDirectory()).toBe(true)
  expect(await readdir(join(root, 'a'))).toEqual(['b', 'kept'])
})

test('below a file, or where nothing can be made, it says so at once', async () => {
  const root = await temporaryFolder()
  await writeFile(join(root, 'file'), '')
  await expect(makeFolder(join(root, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(makeFolder('/proc/none/such')).rejects.toMatchObject({ code: 'ENOENT' })
})
