import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  assertWritten,
  guardStream,
  hasColor,
  isLive,
  isTaken,
  labeled,
  OutputClosed,
  say,
  sayFailure,
  widthOf,
  write,
} from '../../../src/lib/shell/output.js'

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
    vi.stubEnv('TERM', 'xterm')
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

  test('a terminal that knows none has none, unless it is told otherwise', () => {
    vi.stubEnv('TERM', 'dumb')
    expect(hasColor({ isTTY: true })).toBe(false)
    vi.stubEnv('FORCE_COLOR', '1')
    expect(hasColor({ isTTY: true })).toBe(true)
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

test('written over is only what a terminal shows that can do it, and that nobody keeps', () => {
  try {
    vi.stubEnv('TERM', 'xterm')
    vi.stubEnv('CI', undefined)
    expect([isLive({ isTTY: true }), isLive({ isTTY: false })]).toEqual([true, false])
    for (const [CI, live] of [
      ['true', false],
      ['1', false],
      ['false', true],
      ['0', true],
      ['', true],
    ] as const) {
      vi.stubEnv('CI', CI)
      expect([CI, isLive({ isTTY: true })]).toEqual([CI, live])
    }
    vi.stubEnv('TERM', 'dumb')
    expect(isLive({ isTTY: true })).toBe(false)
  } finally {
    vi.unstubAllEnvs()
  }
})

test('only a terminal has a width', () => {
  expect([widthOf({ isTTY: true, columns: 100 }), widthOf({ isTTY: true, columns: 0 })]).toEqual([100, 80])
  expect(widthOf({ isTTY: false, columns: 100 })).toBe(Number.POSITIVE_INFINITY)
})

describe('text for people', () => {
  const terminal = (columns: number | undefined): { stream: NodeJS.WriteStream; text: () => string } => {
    let text = ''
    const write = (chunk: string): boolean => {
      text += chunk
      return true
    }
    const stream = { isTTY: columns !== undefined, columns, write } as unknown as NodeJS.WriteStream
    return { stream, text: () => text }
  }
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  test('keeps to the width of a terminal, but for what is there to be pasted; a file takes lines of any length', () => {
    vi.stubEnv('NO_COLOR', '1')
    const [narrow, file] = [terminal(10), terminal(undefined)]
    for (const { stream } of [narrow, file]) say(stream, labeled('warning', 'all is lost'))
    say(narrow.stream, '0 2 * * * cd a && rental-etl run', { whole: true })
    expect(narrow.text()).toBe('warning:\n    all is\n    lost\n0 2 * * * cd a && rental-etl run\n')
    expect(file.text()).toBe('warning: all is lost\n')
  })

  test('is safe, and its labels are in colour', () => {
    vi.stubEnv('NO_COLOR', undefined)
    vi.stubEnv('FORCE_COLOR', '1')
    const { stream, text } = terminal(undefined)
    say(stream, labeled('error', 'odd \u001b[2J name'))
    expect(text()).toBe('\u001b[31merror:\u001b[39m odd \\u001b[2J name\n')
  })

  test('an error says what is wrong, then what to type', () => {
    let text = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    })
    sayFailure({ code: 'IO', message: 'the disk is full', suggestions: ['df -h .', 'rental-etl resume'] })
    expect(text).toBe('error: the disk is full\n  try: df -h .\n  try: rental-etl resume\n')
  })
})
