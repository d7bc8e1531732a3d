import { expect, test } from 'vitest'
import { logText } from '../../../src/lib/ui/log-text.js'
import { paint, unpainted } from '../../../src/lib/ui/paint.js'

const at = '2026-05-04T02:00:00.000Z'

test('a line in columns; what went wrong is in colour', () => {
  const line = (level: 'info' | 'warn' | 'error', layer: 'raw' | null) => logText({ at, level, layer, message: 'said' })
  expect(unpainted(line('info', 'raw'))).toBe(`${at} info  raw      said`)
  expect(line('error', null)).toBe(`${paint('dim', at)} ${paint('red', 'error run      said')}`)
  expect(line('warn', null)).toContain(paint('yellow', 'warn  run      said'))
})
