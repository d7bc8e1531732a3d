import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EtlError } from '../../../src/lib/core/errors.js'
import { onStop } from '../../../src/lib/shell/signals.js'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`)
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function started(): { reasons: EtlError[]; off: () => void } {
  const reasons: EtlError[] = []
  return { reasons, off: onStop((reason) => reasons.push(reason)) }
}

test.each([
  ['SIGINT', 'interrupted by Ctrl-C'],
  ['SIGTERM', 'stopped by SIGTERM'],
] as const)('%s stops the work once; an echo of it does nothing, a second one ends the process', (signal, message) => {
  const { reasons, off } = started()
  try {
    process.emit(signal, signal)
    vi.setSystemTime(400)
    process.emit('SIGINT', 'SIGINT')
    expect(reasons).toEqual([expect.objectContaining({ code: 'INTERRUPTED', exit: 'interrupted', message })])
    vi.setSystemTime(401)
    expect(() => process.emit('SIGINT', 'SIGINT')).toThrow('exit 130')
    expect(reasons.length).toBe(1)
  } finally {
    off()
  }
})

test('the handlers are taken away again', () => {
  const before = process.listenerCount('SIGINT')
  const { reasons, off } = started()
  expect(process.listenerCount('SIGINT')).toBe(before + 1)
  off()
  expect([process.listenerCount('SIGINT'), reasons]).toEqual([before, []])
})
