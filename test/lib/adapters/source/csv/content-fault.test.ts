import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ContentFault, tellingLines } from '../../../../../src/lib/adapters/source/csv/content-fault.js'
import { temporaryFolder } from '../../../../support/temporary.js'

test('a fault is told with file, line, hint, and a command to look at it', async () => {
  const path = join(await temporaryFolder(), 'two words.csv')
  await writeFile(path, 'a\nb\nc')
  const fault = new ContentFault(4, 'is odd', ': so it is')
  await expect(tellingLines(path, () => Promise.reject(fault))).rejects.toMatchObject({
    code: 'SOURCE_CONTENT',
    exit: 'invalid',
    message: `${path}:3: the file is odd: so it is; nothing was changed`,
    suggestions: [`sed -n 3p '${path}' | cat -A | cut -c 1-200   # the line as it is`],
  })
})

test('the line is that of the byte, also of a line end, and far into a file', async () => {
  const path = join(await temporaryFolder(), 'b.csv')
  const text = 'abc\r\n'.repeat(500_000)
  await writeFile(path, text)
  for (const [offset, line] of [
    [0, 1],
    [4, 1],
    [5, 2],
    [text.length - 1, 500_000],
    [text.length, 500_001],
    [5 * 300_000 + 2, 300_001],
  ] as const) {
    const told = tellingLines(path, () => Promise.reject(new ContentFault(offset, 'is odd')))
    await expect(told).rejects.toThrow(`${path}:${line}: the file is odd; nothing was changed`)
  }
})

test('anything else is passed on, and so is what was read', async () => {
  const error = new Error('ours')
  await expect(tellingLines('/nowhere', () => Promise.reject(error))).rejects.toBe(error)
  expect(await tellingLines('/nowhere', async () => 7)).toBe(7)
})
