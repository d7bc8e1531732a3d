import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isThere, readTemplate, writeText } from '../../../../src/lib/adapters/files/text-file.js'
import { temporaryFolder } from '../../../support/temporary.js'

test('a file is written with its folder, and over another', async () => {
  const path = join(await temporaryFolder(), 'a', 'b', 'x.txt')
  expect(await isThere(path)).toBe(false)
  await writeText(path, 'first, and longer')
  await writeText(path, 'é')
  expect(await readFile(path, 'utf8')).toBe('é')
  expect(await isThere(path)).toBe(true)
})

test('what cannot be written is told with a command to look at it', async () => {
  const folder = join(await temporaryFolder(), 'two words')
  await mkdir(folder)
  await writeFile(join(folder, 'file'), '')
  await mkdir(join(folder, 'folder'))
  for (const path of [join(folder, 'file', 'x.txt'), join(folder, 'folder')]) {
    await expect(writeText(path, 'x')).rejects.toMatchObject({
      code: 'IO',
      exit: 'io',
      message: expect.stringMatching(/^cannot write .*: (ENOTDIR|EEXIST|EISDIR)/),
      suggestions: [expect.stringMatching(/^ls -ld '.*\/two words.*' {3}# what it is, and whose$/)],
    })
  }
})

test('templates are found wherever the command is started', async () => {
  expect(JSON.parse(await readTemplate('workflow.asl.json')).StartAt).toEqual(expect.any(String))
})
