import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ByteChunk, readChunks } from '../../../../../src/lib/adapters/source/csv/bytes.js'
import { tellingLines } from '../../../../../src/lib/adapters/source/csv/content-fault.js'
import { firstBorder } from '../../../../support/csv-border.js'
import { scratchFolder, temporaryFolder } from '../../../../support/temporary.js'

const signal = new AbortController().signal
let border: number

beforeAll(async () => {
  await using scratch = await scratchFolder()
  border = await firstBorder(scratch.path)
})

async function stretchesOf(path: string): Promise<ByteChunk[]> {
  const chunks: ByteChunk[] = []
  for await (const chunk of readChunks(path, signal)) chunks.push({ ...chunk, bytes: Buffer.from(chunk.bytes) })
  return chunks
}

/** What a file is read as, with the places of its stretches checked. */
async function read(path: string): Promise<{ text: string; stretches: number }> {
  const parts: Buffer[] = []
  let next: number | undefined
  let ended = false
  for (const { bytes, offset, last } of await tellingLines(path, () => stretchesOf(path))) {
    expect(ended).toBe(false)
    if (next !== undefined) expect(offset).toBe(next)
    // Each stretch is text by itself.
    expect(Buffer.from(bytes.toString('utf8')).equals(bytes)).toBe(true)
    next = offset + bytes.length
    ended = last
    parts.push(bytes)
  }
  expect(ended).toBe(true)
  return { text: Buffer.concat(parts).toString('utf8'), stretches: parts.length }
}

async function fileOf(bytes: string | Buffer): Promise<string> {
  const path = join(await temporaryFolder(), 'b.csv')
  await writeFile(path, bytes)
  return path
}

const refused = (path: string, line: number, what: string): object => ({
  code: 'SOURCE_CONTENT',
  exit: 'invalid',
  message: `${path}:${line}: the file ${what}; nothing was changed`,
  suggestions: [`sed -n ${line}p ${path} | cat -A | cut -c 1-200   # the line as it is`],
})

describe('readChunks', () => {
  test.each([
    ['nothing', '', ''],
    ['text', 'a,b\n', 'a,b\n'],
    ['a byte order mark is not part of the text', '\ufeffa,b\n', 'a,b\n'],
    ['only the first one', '\ufeff\ufeffa\n\ufeff', '\ufeffa\n\ufeff'],
    ['nothing but a mark', '\ufeff', ''],
    ['every length of a character', 'aé東😀\u0001\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}', undefined],
  ])('%s', async (_, written, expected) => {
    expect((await read(await fileOf(written))).text).toBe(expected ?? written)
  })

  test.each(['é', '東', '😀', '\ufeff'])(
    'a %s in the middle of which one stretch ends is whole in the next',
    async (letter) => {
      const bytes = Buffer.byteLength(letter)
      for (let before = 0; before <= bytes; before++) {
        const text = `${'a'.repeat(border - before)}${letter}b`
        const found = await read(await fileOf(text))
        expect(found.text === text).toBe(true)
        // Just as long as one stretch, a file may be read in one or two.
        expect(found.stretches).toBe(2)
      }
    },
  )

  test('files about as long as one or two stretches', async () => {
    for (const length of [border - 1, border, border + 1, 2 * border - 1, 2 * border, 2 * border + 1]) {
      const text = 'a'.repeat(length)
      expect((await read(await fileOf(text))).text === text).toBe(true)
    }
  })

  const BAD: [string, number[]][] = [
    ['a byte that is never used', [0xff]],
    ['one beyond the last plane', [0xf5, 0x80, 0x80, 0x80]],
    ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a continuation by itself', [0x80]],
    ['a start without its continuation', [0xe6, 0x9d, 0x41]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL', [0xc0, 0x80]],
    ['an overlong letter of 3 bytes', [0xe0, 0x81, 0x81]],
    ['an overlong letter of 4 bytes', [0xf0, 0x80, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a pair of surrogates (CESU-8)', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ['Latin-1', [0x53, 0xe3, 0x6f]],
  ]

  test.each(BAD)('%s is not UTF-8', async (_, bytes) => {
    for (const [before, after, line] of [
      ['', '', 1],
      ['a,b\né,東\n', ',x\ny\n', 3],
      ['\ufeffa\r\n\r\n', '\r\n', 3],
    ] as const) {
      const path = await fileOf(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]))
      await expect(read(path)).rejects.toMatchObject(refused(path, line, 'is not UTF-8'))
    }
  })

  test.each([
    ['é', 1],
    ['東', 2],
    ['😀', 3],
  ])('a %s that the end of the file cuts off is not UTF-8', async (letter, kept) => {
    for (const before of ['a\n', `${'a'.repeat(border - kept - 1)}\n`]) {
      const path = await fileOf(Buffer.concat([Buffer.from(before), Buffer.from(letter).subarray(0, kept)]))
      await expect(read(path)).rejects.toMatchObject(refused(path, 2, 'is not UTF-8'))
    }
  })

  test.each(BAD)('%s where one stretch ends is found', async (_, bytes) => {
    for (let before = 0; before <= bytes.length; before++) {
      const path = await fileOf(
        Buffer.concat([Buffer.from(`${'a'.repeat(border - before - 1)}\n`), Buffer.from(bytes), Buffer.from('b\n')]),
      )
      await expect(read(path)).rejects.toMatchObject(refused(path, 2, 'is not UTF-8'))
    }
  })

  test('a NUL is refused with its line, in the second stretch too', async () => {
    const path = await fileOf('a,b\n1,"x\ny\0"\n')
    await expect(read(path)).rejects.toMatchObject(refused(path, 3, 'holds a NUL character'))
    const long = await fileOf(`${'a'.repeat(border - 1)}\nb\0\n`)
    await expect(read(long)).rejects.toMatchObject(refused(long, 2, 'holds a NUL character'))
  })

  test('the line of the first bad byte, wherever it stands', async () => {
    const letter = fc.constantFrom('a', ',', '"', '\n', '\n', 'é', '東', '😀')
    const text = fc.array(letter, { maxLength: 60 }).map((letters) => letters.join(''))
    await using scratch = await scratchFolder()
    const path = join(scratch.path, 'b.csv')
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(...BAD.map(([, bytes]) => bytes)), text, async (before, bytes, after) => {
        await writeFile(path, Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]))
        await expect(read(path)).rejects.toMatchObject(refused(path, before.split('\n').length, 'is not UTF-8'))
      }),
    )
  })

  test('an abort ends it, also between two stretches', async () => {
    const path = await fileOf('a'.repeat(border + 1))
    const abort = new AbortController()
    const chunks = readChunks(path, abort.signal)
    await chunks.next()
    abort.abort(new Error('stopped'))
    await expect(chunks.next()).rejects.toThrow('stopped')
  })

  test('a file that is not there, and a folder', async () => {
    const folder = await temporaryFolder()
    await expect(read(join(folder, 'none.csv'))).rejects.toMatchObject({
      code: 'IO',
      exit: 'io',
      message: expect.stringMatching(/^cannot read .*none\.csv: ENOENT/),
      suggestions: [`ls -ld ${folder}`],
    })
    await expect(read(folder)).rejects.toMatchObject({
      code: 'IO',
      message: `cannot read ${folder}: EISDIR: it is a folder`,
      suggestions: [`ls -ld ${folder}   # what it is, and whose`],
    })
  })
})
