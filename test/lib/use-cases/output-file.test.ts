import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assertFolder } from '../../../src/lib/use-cases/output-file.js'
import { temporaryFolder } from '../../support/temporary.js'

test('a file may be there or not; its folder must be, and it is none itself', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'out.xml')
  expect(await assertFolder(file)).toBe(false)
  await writeFile(file, '')
  expect(await assertFolder(file)).toBe(true)
  await expect(assertFolder(join(folder, 'no where', 'out.xml'))).rejects.toMatchObject({
    code: 'NOT_FOUND',
    suggestions: [`mkdir -p '${folder}/no where'`],
  })
  await expect(assertFolder(folder)).rejects.toMatchObject({ code: 'USAGE', message: `${folder} is a folder` })
  // What stands where the folder should be is a file.
  await expect(assertFolder(join(file, 'out.xml'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
