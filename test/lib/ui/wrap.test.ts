import { expect, test } from 'vitest'
import { paint } from '../../../src/lib/ui/paint.js'
import { wrapped, wrappedText } from '../../../src/lib/ui/wrap.js'

test('a line is broken between words, and what follows is indented', () => {
  expect(wrapped('  one two three four', 12)).toEqual(['  one two', '      three', '      four'])
  expect(wrapped('short', 12)).toEqual(['short'])
  expect(wrapped('one two', Number.POSITIVE_INFINITY)).toEqual(['one two'])
})

test('an item of a list goes on under its text', () => {
  expect(wrapped('- one two three', 9)).toEqual(['- one two', '  three'])
})

test('a word longer than the line stays whole', () => {
  expect(wrapped('a abcdefghijklmnop b', 8)).toEqual(['a', '    abcdefghijklmnop', '    b'])
})

test('an aligned line goes on under its last column, unless that would leave it no room', () => {
  expect(wrapped('key   a text that is long', 16)).toEqual(['key   a text', '      that is', '      long'])
  expect(wrapped('a longer key   a text', 16)).toEqual(['a longer key   a', '    text'])
})

test('a command is never broken: it is there to be pasted', () => {
  const command = 'rental-etl run --home /a/long/home --source csv:/a/long/folder'
  for (const line of [command, `  ${paint('cyan', 'try:')} ${command}`, `next: ${command}`, 'try: ls a folder here'])
    expect(wrapped(line, 20)).toEqual([line])
  expect(wrapped(`not looked at: rules (${command}), and so on`, 30)).toEqual([
    'not looked at: rules',
    `    (${command}),`,
    '    and so on',
  ])
})

test('marks of colours are not counted', () => {
  expect(wrapped(`${paint('red', 'one')} two`, 7)).toHaveLength(1)
})

test('every line of a text', () => {
  expect(wrappedText('one two\nthree', 5)).toBe('one\n    two\nthree')
})
