import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { paint } from '../../../src/lib/ui/paint.js'
import { columnsOf, cutTo, textWidth } from '../../../src/lib/ui/width.js'

test('signs, wide signs, and signs that stand on others', () => {
  expect(['', 'abc', '東京', 'é', 'e\u0301', '👍', '한국', '🇩🇪', '│─'].map(columnsOf)).toEqual([
    0, 3, 4, 1, 1, 2, 4, 2, 2,
  ])
})

test('of every sign as the library has it that knows all of Unicode', () => {
  // What cannot be seen is written out before; half a flag is none.
  const leftOut =
    /[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Regional_Indicator}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/u
  const wrong: string[] = []
  let compared = 0
  for (let code = 0x20; code < 0x20000; code++) {
    // The ideographs are all alike.
    if (code === 0x3500) code = 0x4d00
    if (code === 0x5000) code = 0x9f00
    if (code === 0xad00) code = 0xd600
    if (code === 0x17100) code = 0x18700
    const sign = String.fromCodePoint(code)
    if (leftOut.test(sign)) continue
    compared++
    if (columnsOf(sign) !== stringWidth(sign)) wrong.push(code.toString(16))
  }
  expect([wrong, compared > 30_000]).toEqual([[], true])
})

test('marks take no columns', () => {
  expect([textWidth('abc'), textWidth(paint('red', 'abc')), textWidth('東京')]).toEqual([3, 3, 4])
})

test('a text is cut where it is too wide', () => {
  expect([
    cutTo('abc', 3),
    cutTo('abcd', 3),
    cutTo('東京都', 4),
    cutTo('e\u0301e\u0301e\u0301', 2),
    cutTo('ab', 1),
  ]).toEqual(['abc', 'ab…', '東…', 'e\u0301…', '…'])
})
