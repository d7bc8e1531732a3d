import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { assertWritten, guardStream, hasColor, isTaken, OutputClosed, write } from '../../../src/lib/shell/output.js'

function streamOf(onWrite: (text: string) => Error | undefined): NodeJS.WriteStream {
  return new Writable({
    write(chunk, _encoding, done) {
      done(onWrite(String(chunk)))
    },
  }) as unknown as NodeJS.WriteStream
}

const systemError = (code: string): Error => Object.assign(new Error(`${code}: oops`), { code })

describe('write', () => {
  test('waits until the stream took it; nothing is not written', async () => {
    const taken: string[] = []
    const stream = streamOf((text) => void taken.push(text))
    await write(stream, 'a')
    await write(stream, '')
    await write(stream, 'é')
    expect(taken).toEqual(['a', 'é'])
  })

  test.each(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'])('nobody reads any more: %s', async (code) => {
    const stream = streamOf(() => systemError(code))
    guardStream(stream)
    guardStream(stream)
    expect(stream.listenerCount('error')).toBe(1)
    await expect(write(stream, 'a')).rejects.toThrow(OutputClosed)
    await expect(write(stream, 'b')).rejects.toThrow(OutputClosed)
    await expect(write(stream, '')).rejects.toThrow(OutputClosed)
  })

  test('a full disk is an error that says so', async () => {
    const stream = streamOf(() => systemError('ENOSPC'))
    stream.on('error', () => undefined)
    await expect(write(stream, 'a')).rejects.toMatchObject({
      code: 'IO',
      exit: 'io',
      message: 'cannot write the output: ENOSPC: oops',
      suggestions: ['df -h .   # free some space'],
    })
  })
})

describe('hasColor', () => {
  beforeEach(() => {
    vi.stubEnv('NO_COLOR', undefined)
    vi.stubEnv('FORCE_COLOR', undefined)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test.each<[string | undefined, string | undefined, boolean | undefined, boolean]>([
    [undefined, undefined, true, true],
    [undefined, undefined, undefined, false],
    ['1', undefined, true, false],
    ['', undefined, true, true],
    ['1', '1', true, false],
    [undefined, '1', undefined, true],
    [undefined, '3', undefined, true],
    [undefined, '0', true, false],
    [undefined, 'false', true, false],
    [undefined, '', true, true],
    [undefined, '', undefined, false],
  ])('NO_COLOR=%s FORCE_COLOR=%s on a terminal=%s: %s', (no, force, isTTY, color) => {
    vi.stubEnv('NO_COLOR', no)
    vi.stubEnv('FORCE_COLOR', force)
    expect(hasColor({ isTTY } as NodeJS.WriteStream)).toBe(color)
  })
})

/** A stream whose writes fail with this code; the framework's listener throws what it is told after ours. */
function failing(code: string): { stream: NodeJS.WriteStream; told: unknown[] } {
  const told: unknown[] = []
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: write`), { code })),
  })
  stream.on('error', (error) => told.push(isTaken(error)))
  const terminal = stream as unknown as NodeJS.WriteStream
  guardStream(terminal)
  return { stream: terminal, told }
}

test('a full disk is told as what it is, by a write and after one', async () => {
  const expected = { code: 'IO', exit: 'io', message: 'cannot write the output: ENOSPC: write' }
  const one = failing('ENOSPC')
  await expect(write(one.stream, 'text')).rejects.toMatchObject(expected)
  await expect(assertWritten(one.stream)).rejects.toMatchObject(expected)
  await expect(write(one.stream, 'more')).rejects.toMatchObject(expected)
  expect(one.told).toEqual([true])
  const other = failing('ENOSPC')
  other.stream.write('text')
  await expect(assertWritten(other.stream)).rejects.toMatchObject(expected)
})

test('a reader that has gone ends writing in silence', async () => {
  const { stream } = failing('EPIPE')
  await expect(write(stream, 'text')).rejects.toThrow(OutputClosed)
  await expect(write(stream, 'text')).rejects.toThrow(OutputClosed)
  await assertWritten(stream)
})

test('an error of another stream is not taken', () => {
  expect([isTaken(new Error('other')), isTaken('text')]).toEqual([false, false])
})
