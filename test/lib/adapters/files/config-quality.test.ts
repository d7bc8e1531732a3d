import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readQuality } from '../../../../src/lib/adapters/files/config-quality.js'
import { temporaryFolder } from '../../../support/temporary.js'

const KNOWN = ['x', 'guests_positive', 'stays_ordered']

async function quality(text: string): Promise<{ folder: string; result: Promise<unknown> }> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'quality.yml'), text)
  return { folder, result: readQuality(folder, KNOWN) }
}

test('there may be none, or an empty one', async () => {
  expect(await readQuality(await temporaryFolder(), KNOWN)).toEqual({})
  expect(await (await quality('')).result).toEqual({})
})

test('severities, thresholds, and rules of the user', async () => {
  const { folder, result } = await quality(
    [
      'rules:',
      '  guests_positive: {severity: off}',
      '  stays_ordered: {severity: error, allowed: 3}',
      'add:',
      '  - name: cheap',
      '    severity: warn',
      '    message: no listing below 10',
      '    sql: |',
      '      select listing_id from curated.dim_listings',
      '      where price < 10',
    ].join('\n'),
  )
  expect(await result).toEqual({
    rules: { guests_positive: { severity: 'off' }, stays_ordered: { severity: 'error', allowed: 3 } },
    add: [
      {
        name: 'cheap',
        severity: 'warn',
        message: 'no listing below 10',
        sql: 'select listing_id from curated.dim_listings\nwhere price < 10\n',
        where: `${join(folder, 'quality.yml')}:5`,
      },
    ],
  })
})

describe('refuses, with file, line and key', () => {
  test.each([
    ['rule: {}\n', '1: there is no key rule; the nearest is rules'],
    [
      'rules:\n  x: {severity: fatal}\n',
      '2: rules.x.severity ("fatal"): invalid option: expected one of "error"|"warn"|"info"|"off"',
    ],
    ['rules:\n  x:\n    allowed: 1.5\n', '3: rules.x.allowed (1.5): invalid input: expected int, received number'],
    ['rules:\n  x:\n    alowed: 1\n', '3: there is no key rules.x.alowed; the nearest is allowed'],
    [
      'add:\n  - name: x\n    severity: warn\n    message: m\n    sql: s\n  - name: X y\n    severity: warn\n    message: m\n    sql: s\n',
      '6: add.1.name ("X y"): a name takes a-z, 0-9 and _',
    ],
    [
      'add:\n  - name: x\n    severity: warn\n    message: m\n',
      '2: add.0.sql: invalid input: expected string, received undefined',
    ],
    [
      'add:\n  - name: x\n    severity: off\n    message: m\n    sql: s\n',
      '3: add.0.severity ("off"): invalid option: expected one of "error"|"warn"|"info"',
    ],
    ['add:\n  - {name: x, severity: warn, message: m, sql: s, scop: views}\n', '2: there is no key add.0.scop'],
    [
      'rules:\n  x: {}\n  stays_orderd:\n    severity: warn\n',
      '3: there is no rule stays_orderd; the nearest is stays_ordered',
    ],
    ['rules:\n  zzzzzzzzzzzz: {}\n', '2: there is no rule zzzzzzzzzzzz; rules are x, guests_positive, stays_ordered'],
    [
      'add:\n  - name: x\n    severity: warn\n    message: m\n    sql: s\n',
      '2: there are two rules x; a rule needs a name of its own',
    ],
    [
      'add:\n  - {name: a, severity: warn, message: m, sql: s}\n  - {name: a, severity: warn, message: m, sql: s}\n',
      '3: there are two rules a; a rule needs a name of its own',
    ],
  ])('%j', async (text, message) => {
    const { folder, result } = await quality(text)
    await expect(result).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      exit: 'invalid',
      message: expect.stringContaining(`${join(folder, 'quality.yml')}:${message}`),
      suggestions: [`sed -n ${message.split(':')[0]}p ${join(folder, 'quality.yml')}   # the line to mend`],
    })
  })
})
