import { expect, test } from 'vitest'
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
