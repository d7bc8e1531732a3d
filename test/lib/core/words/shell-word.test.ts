import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '../../../../src/lib/core/words/shell-word.js'
import { trickyText } from '../../../support/tricky-text.js'

test.each([
  ['plain', 'plain'],
  ['/a/b-c_d.csv', '/a/b-c_d.csv'],
  ['csv:/data', 'csv:/data'],
  ['user@host', 'user@host'],
  ['', "''"],
  ['two words', "'two words'"],
  ["O'Fallon", "'O'\\''Fallon'"],
  ['~/x', "'~/x'"],
  ['$HOME', "'$HOME'"],
  ['a*b', "'a*b'"],
  ['São Paulo', "'São Paulo'"],
  ['a\nb', "'a\nb'"],
])('%j', (text, word) => {
  expect(shellWord(text)).toBe(word)
})

test('a shell reads each text back as one word', () => {
  const texts = fc.sample(trickyText, 200)
  const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`
  const read = execFileSync('sh', ['-c', script]).toString().split('\0')
  expect(read.slice(0, -1)).toEqual(texts)
})
