import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { memoryLimit } from '../../../../../src/lib/adapters/local/engine/memory.js'

const machine = (bytes: number): void => {
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(bytes)
}

beforeEach(() => machine(64e9))
afterEach(() => {
  vi.restoreAllMocks()
})

test.each([
  ['nothing', 0, '450MB'],
  ['a small source', 10e6, '452MB'],
  ['10 million rows', 0.8e9, '610MB'],
  ['100 million rows', 8e9, '2050MB'],
  ['more than that', 100e9, '3400MB'],
])('for %s', (_, bytes, limit) => {
  expect(memoryLimit(bytes)).toBe(limit)
})

test('it is not more than a share of what the process may have, and never next to nothing', () => {
  machine(2e9)
  expect(memoryLimit(100e9)).toBe('1200MB')
  machine(1e9)
  expect(memoryLimit(100e9)).toBe('600MB')
  machine(0.1e9)
  expect(memoryLimit(0)).toBe('100MB')
})

test('what the user has set is taken as it stands', () => {
  machine(0.1e9)
  expect(memoryLimit(0, '20GB')).toBe('20GB')
})
