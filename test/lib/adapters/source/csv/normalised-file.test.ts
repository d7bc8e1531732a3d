import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CsvRecord } from '../../../../../src/lib/adapters/source/csv/fields.js'
import { NormalisedFile } from '../../../../../src/lib/adapters/source/csv/normalised-file.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const recordOf = (text: string, line = 2, quoteInText = false): CsvRecord => {
  const bytes = Buffer.from(`…${text}…`)
  const start = Buffer.byteLength('…')
  return {
    bytes,
    start,
    end: bytes.length - start,
    offset: 0,
    line,
    quoted: text.includes('"'),
    quoteInText,
    linesInQuotes: text.includes('\n'),
  }
}

test('good records are copied, with their quotes only where one opens or closes a field; others are listed', async () => {
  const folder = await temporaryFolder()
  const [copy, misfits] = [join(folder, 'copy'), join(folder, 'misfits')]
  const file = new NormalisedFile(copy, misfits, 2)
  for (const record of [
    recordOf('1,2'),
    recordOf('1', 3),
    recordOf('"é\n",3', 4),
    recordOf('x"y,"z"', 6, true),
    recordOf('"a""",,', 7),
    recordOf(',', 8),
  ]) {
    file.add(record)
  }
  file.flush()
  file.close()
  expect(await readFile(copy, 'utf8')).toBe('x_0,x_1\n1,2\n"é\n",3\n"x""y","z"\n,\n')
  expect(await readFile(misfits, 'utf8')).toBe('{"fields":["1"],"line":3}\n{"fields":["a\\"","",""],"line":7}\n')
  expect([file.longest, file.misfits, file.longestMisfit]).toEqual([
    '"x""y","z"'.length,
    2,
    '{"fields":["a\\"","",""],"line":7}\n'.length,
  ])
})

test('records of any length, around the size of its buffer', async () => {
  const folder = await temporaryFolder()
  const copy = join(folder, 'copy')
  const file = new NormalisedFile(copy, join(folder, 'misfits'), 1)
  const mebi = 1024 * 1024
  const lengths = [0, mebi - 6, mebi - 5, 3, mebi - 1, mebi, 1, mebi + 1, 3 * mebi, 2]
  const texts = lengths.map((length, at) => String(at).repeat(length))
  for (const text of texts) file.add(recordOf(text))
  file.flush()
  file.close()
  expect((await readFile(copy, 'utf8')) === ['x_0', ...texts, ''].join('\n')).toBe(true)
  expect(file.longest).toBe(3 * mebi)
})
