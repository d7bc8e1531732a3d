import { expect, test } from 'vitest'
import { checkDuration, checkMemory } from '../../../../src/lib/core/config/values.js'

test.each(['100MB', '350MB', '2GB', '0100MB'])('%s is an amount of memory', (text) => {
  expect(() => checkMemory(text)).not.toThrow()
})

test.each([
  ['2 GB', 'is no amount of memory: it takes digits and MB or GB, such as 2GB'],
  ['2gb', 'is no amount of memory: it takes digits and MB or GB, such as 2GB'],
  ['1.5GB', 'is no amount of memory: it takes digits and MB or GB, such as 2GB'],
  ["2GB'; select 1", 'is no amount of memory: it takes digits and MB or GB, such as 2GB'],
  ['99MB', 'is too little: the engine takes 100MB or more'],
  ['0GB', 'is too little: the engine takes 100MB or more'],
])('%s is refused', (text, why) => {
  expect(() => checkMemory(text)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: `"${text}" ${why}` }),
  )
})

test('a duration', () => {
  for (const text of ['0', '90s', '2h', '1h30m']) expect(() => checkDuration(text)).not.toThrow()
  for (const text of ['', 'soon', '-2h', '2 h', '1d']) {
    expect(() => checkDuration(text)).toThrow(`"${text}" is no duration: it takes 90s, 5m, 1h30m, or seconds`)
  }
})
