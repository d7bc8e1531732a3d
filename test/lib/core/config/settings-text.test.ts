import { expect, test } from 'vitest'
import type { Setting } from '../../../../src/lib/core/config/settings.js'
import { settingsMarkdown, settingsYaml } from '../../../../src/lib/core/config/settings-text.js'

const ROWS: Setting[] = [
  { key: 'target', flag: { char: 't', helpValue: 'NAME' }, env: 'E_T', takes: 'text', default: 'local', summary: 'T.' },
  {
    key: 'as_of',
    takes: 'text',
    default: null,
    defaultText: 'today',
    example: '2026-06-30',
    summary: 'D.',
    above: 'run --as-of',
  },
  { key: 'guards.most', takes: 'share', default: 0.2, summary: `${'word '.repeat(30)}end.` },
  { key: 'guards.least', takes: 'count', default: 0, summary: 'L.' },
]

test('a row of the documentation for each setting', () => {
  expect(settingsMarkdown(ROWS.slice(0, 2).concat(ROWS.slice(3)))).toBe(
    [
      '| key | targets | flag | environment | default | what it is |',
      '| --- | --- | --- | --- | --- | --- |',
      '| `target` | all | `--target`, `-t` | `E_T` | `local` | T. |',
      '| `as_of` | all | `run --as-of` |  | today | D. |',
      '| `guards.least` | all |  |  | `0` | L. |',
    ].join('\n'),
  )
})

test('the lines of a target, with what each setting is above it', () => {
  expect(settingsYaml('  ', 'local', ROWS)).toBe(
    [
      '  # D.',
      '  # as_of: 2026-06-30',
      '  guards:',
      `    # ${'word '.repeat(21)}word`,
      `    # ${'word '.repeat(8)}end.`,
      '    most: 0.2',
      '    # L.',
      '    least: 0',
    ].join('\n'),
  )
})
