import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../../src/lib/adapters/files/config-yaml.js'
import type { EtlError } from '../../../../src/lib/core/errors.js'

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

describe('refuses', () => {
  const fault = (text: string) => {
    const begin = performance.now()
    try {
      parseYaml('f.yml', text)
    } catch (error) {
      const { code, message, suggestions } = error as EtlError
      return { code, message, suggestions, quick: performance.now() - begin < 20_000 }
    }
    throw new Error('it was taken')
  }

  test.each([
    ['schedule: * * * * *\n', 'f.yml:1:11: a value that begins with * has to stand in quotes: schedule: "* * * * *"'],
    [
      'a: 1\nschedule: */5 * * * *\n',
      'f.yml:2:15: a value that begins with * has to stand in quotes: schedule: "*/5 * * * *"',
    ],
    ['a: *b\n', 'f.yml:1:4: a value that begins with * has to stand in quotes: a: "*b"'],
    ['a:\n  b: 1\n  c: 2\n  b: 3\n', 'f.yml:4:3: map keys must be unique'],
  ])('%j', (text, message) => {
    const line = message.split(':')[1]
    expect(fault(text)).toEqual({
      code: 'CONFIG_INVALID',
      message,
      suggestions: [`sed -n ${line}p f.yml   # the line to mend`],
      quick: true,
    })
  })

  test('aliases that stand for more than anybody writes', () => {
    const list = (of: string): string => `[${Array(9).fill(of).join(', ')}]`
    const lines = ['a: &a x', ...[...'bcdefgh'].map((name, at) => `${name}: &${name} ${list(`*${'abcdefg'[at]}`)}`)]
    const { code, message } = fault(lines.join('\n'))
    expect([code, message]).toEqual([
      'CONFIG_INVALID',
      'f.yml:1:1: excessive alias count indicates a resource exhaustion attack',
    ])
  })

  test('a file that nobody has written by hand, without reading it', () => {
    const text = Array.from({ length: 200_000 }, (_, at) => `k${at}: 1`).join('\n')
    expect(fault(text)).toEqual({
      code: 'CONFIG_INVALID',
      message: `f.yml has ${text.length} bytes; a configuration file has at most 131072`,
      suggestions: ['ls -l f.yml'],
      quick: true,
    })
    // Keys up to the limit take no square of their number.
    const most = Array.from({ length: 12_000 }, (_, at) => `k${at}: 1`).join('\n')
    expect(fault(`${most}\nk0: 1\n`)).toMatchObject({ message: 'f.yml:12001:1: map keys must be unique', quick: true })
  })
})
