import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { assertWritten, guardStream, hasColor, isTaken, OutputClosed, write } from '../../src/lib/output.js'

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

test('colours by NO_COLOR, FORCE_COLOR, and the terminal', () => {
  const before = { ...process.env }
  const colored = (isTTY: boolean, env: Record<string, string>): boolean => {
    delete process.env.NO_COLOR
    delete process.env.FORCE_COLOR
    Object.assign(process.env, env)
    return hasColor({ isTTY } as NodeJS.WriteStream)
  }
  try {
    expect([colored(true, {}), colored(false, {})]).toEqual([true, false])
    expect([colored(true, { NO_COLOR: '1' }), colored(true, { NO_COLOR: '1', FORCE_COLOR: '1' })]).toEqual([
      false,
      false,
    ])
    expect([colored(true, { NO_COLOR: '' }), colored(false, { FORCE_COLOR: '1' })]).toEqual([true, true])
    expect([colored(true, { FORCE_COLOR: '0' }), colored(true, { FORCE_COLOR: 'false' })]).toEqual([false, false])
  } finally {
    process.env = before
  }
})
