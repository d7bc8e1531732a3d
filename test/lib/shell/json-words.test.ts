import { expect, test } from 'vitest'
import { asksForJson } from '../../../src/lib/shell/json-words.js'

test('every way to ask for JSON', () => {
  const asking = ['--json', '-ojson', '-o=json', '--output=json', '-o json', '--output json', 'runs --limit 1 -o json']
  expect(asking.filter((line) => !asksForJson(line.split(' ')))).toEqual([])
})

test('what is no request for it', () => {
  const other = ['', '-o csv', '--output', 'json', 'query -- --json', 'query -- -o json', '-o jsonl', '--output=jsonl']
  expect(other.filter((line) => asksForJson(line.split(' ')))).toEqual([])
})
