import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellText, TextFault } from '../../../../../src/lib/adapters/source/mysql/cell-text.js'
import type { ShapeColumn } from '../../../../../src/lib/adapters/source/mysql/table-shape.js'

function read(kind: ShapeColumn['kind'], bytes: Buffer | string | null): string {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  const field = { string: () => buffer?.toString('utf8') ?? null, buffer: () => buffer }
  return cellText({ name: 'x', expression: 'x', kind }, 3)(field)
}

test.each([
  ['0.1', '0.1'],
  ['-0', '-0'],
  ['1e15', '1000000000000000'],
  ['1.5e15', '1500000000000000'],
  ['-1.25e3', '-1250'],
  ['1.23456e3', '1234.56'],
  ['1e+20', '100000000000000000000'],
  ['1e-7', '0.0000001'],
  ['-1.5e-3', '-0.0015'],
  ['12.5e-1', '1.25'],
  ['12.5e-2', '0.125'],
  ['1.5e0', '1.5'],
  ['1E2', '100'],
])('a float %s is %s', (text, plain) => {
  expect(read('float', text)).toBe(plain)
})

/** Zero has no sign here: the exponential form drops it. */
const FLOATS = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)

test('a float without its exponent is the same number', () => {
  fc.assert(
    fc.property(FLOATS, (number) => {
      const text = read('float', number.toExponential())
      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
      // Printed, -0 has no sign.
      expect(Number(text)).toBe(number + 0)
    }),
  )
})

test('NULL is the empty text; texts and numbers are as they are sent', () => {
  for (const kind of ['plain', 'float', 'text', 'bytes'] as const) expect(read(kind, null)).toBe('')
  expect(read('plain', '18446744073709551615')).toBe('18446744073709551615')
  expect(read('text', '1e5')).toBe('1e5')
  expect(read('bytes', '\ufeff東京 😀')).toBe('\ufeff東京 😀')
})

test.each(['ff', 'c3', 'eda080', 'c080', 'f4908080', '61e282'])(
  'bytes %s are no text, and their column is told',
  (hex) => {
    const reading = () => read('bytes', Buffer.from(hex, 'hex'))
    expect(reading).toThrow(TextFault)
    expect(reading).toThrow(expect.objectContaining({ column: 3, message: 'holds bytes that are no UTF-8' }))
  },
)
