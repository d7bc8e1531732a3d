import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../../src/lib/adapters/files/config-yaml.js'

test('each key knows its line, in blocks, in one line, and in lists', () => {
  const yaml = parseYaml(
    'f.yml',
    ['a:', '  b: 1', '  c: {d: 2, e: 3}', 'list:', '  - name: x', '  -', '    name: y', '"q r": 4', '5: six'].join(
      '\n',
    ),
  )
  expect(yaml.value).toEqual({
    a: { b: 1, c: { d: 2, e: 3 } },
    list: [{ name: 'x' }, { name: 'y' }],
    'q r': 4,
    5: 'six',
  })
  const lines: [PropertyKey[], number | undefined][] = [
    [['a'], 1],
    [['a', 'b'], 2],
    [['a', 'c', 'e'], 3],
    [['list', 0], 5],
    [['list', 1, 'name'], 7],
    [['q r'], 8],
    [['a', 'b', 'beyond'], 2],
    [['list', 9, 'name'], 4],
    [['none', 'such'], undefined],
    [[], undefined],
  ]
  expect(lines.map(([path]) => [path, yaml.line(path)])).toEqual(lines)
})

test('dates stay texts, and what is off is not false', () => {
  expect(parseYaml('f.yml', 'as_of: 2025-03-24\nseverity: off\n').value).toEqual({
    as_of: '2025-03-24',
    severity: 'off',
  })
})

describe('what would take for ever is refused as invalid, not as a bug', () => {
  const letters = 'abcdefghi'.split('')
  const bomb = [
    `a: &a [${Array(9).fill('x').join(', ')}]`,
    ...letters.slice(1).map((name, at) => `${name}: &${name} [${Array(9).fill(`*${letters[at]}`).join(', ')}]`),
  ].join('\n')

  test.each([
    ['aliases of aliases', bomb, 'f.yml: excessive alias count indicates a resource exhaustion attack'],
    [
      'a very long file',
      Array.from({ length: 200_000 }, (_, at) => `k${at}:`).join('\n'),
      expect.stringMatching(/^f\.yml is 1\d{6} characters long; a configuration file has up to 100000$/),
    ],
    ['a bracket in a bracket, and so on', '['.repeat(50_000), expect.stringMatching(/^f\.yml:1:\d+: /)],
    ['an alias of nothing', 'a: *b', expect.stringMatching(/^f\.yml(:1:\d+)?: unresolved alias/)],
  ])('%s', (_, text, message) => {
    expect(() => parseYaml('f.yml', text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }))
  })

  test('many keys are read once each, and one that stands twice is found', () => {
    const keys = Array.from({ length: 12_000 }, (_, at) => `k${at}:`)
    expect(Object.keys(parseYaml('f.yml', keys.join('\n')).value as object)).toHaveLength(12_000)
    expect(() => parseYaml('f.yml', [...keys, 'k7: 1'].join('\n'))).toThrow('f.yml:12001:1: map keys must be unique')
    expect(() => parseYaml('f.yml', 'a:\n  - b: 1\n    b: 2')).toThrow('f.yml:3:5: map keys must be unique')
  })
})
