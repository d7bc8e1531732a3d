import { expect, test } from 'vitest'
import { countText } from '../../../../src/lib/core/words/count-text.js'

test('counts have a comma at every thousand', () => {
  expect([0, 999, 1000, 1234567, -1500, 9007199254740993n].map(countText)).toEqual([
    '0',
    '999',
    '1,000',
    '1,234,567',
    '-1,500',
    '9,007,199,254,740,993',
  ])
})
