import { describe, expect, test } from 'vitest'
import { readSqlFiles } from '../../../../src/lib/adapters/files/sql-files.js'
import { nameFault, parseRule, type QualityRule, withOverrides } from '../../../../src/lib/core/verify/quality.js'

const TEXT = [
  '-- severity: warn',
  '-- scope: views',
  '-- grain: one row per day',
  '-- message: a rate: from 0 to 1 ',
  '',
  'select day -- the day',
  '-- a remark: kept',
  'from v',
  'where rate > 1',
  '',
].join('\n')

const RULE: QualityRule = {
  name: 'rates',
  scope: 'views',
  severity: 'warn',
  grain: 'one row per day',
  message: 'a rate: from 0 to 1',
  sql: 'select day -- the day\n-- a remark: kept\nfrom v\nwhere rate > 1',
  allowed: 0,
  off: false,
}

describe('parseRule', () => {
  test('takes the properties from the header, and the rest as the query', () => {
    expect(parseRule('rates', TEXT)).toEqual(RULE)
  })

  test.each(['severity', 'scope', 'grain', 'message'])('misses %s', (key) => {
    const text = TEXT.split('\n')
      .filter((line) => !line.startsWith(`-- ${key}:`))
      .join('\n')
    expect(() => parseRule('rates', text)).toThrow(`sql/checks/rates.sql lacks "-- ${key}:" in its header`)
  })

  test('every rule of the project is a query of its own with the known words in its header', async () => {
    const rules = (await readSqlFiles('checks')).map(({ name, text }) => parseRule(name, text))
    expect(rules.length).toBeGreaterThan(20)
    for (const rule of rules) {
      expect(rule).toEqual({
        name: rule.name,
        scope: expect.stringMatching(/^(rules|views)$/),
        severity: expect.stringMatching(/^(error|warn|info)$/),
        grain: expect.stringMatching(/^one row per /),
        message: expect.stringMatching(/^[a-z]/),
        sql: expect.stringMatching(/^(select|with)\b[^;]*$/),
        allowed: 0,
        off: false,
      })
    }
  })
})

describe('withOverrides', () => {
  const other: QualityRule = { ...RULE, name: 'other', severity: 'error' }

  test('without changes the rules are what they were', () => {
    expect(withOverrides([RULE, other], {})).toEqual([RULE, other])
    expect(withOverrides([RULE, other], { rules: { other: {} }, add: [] })).toEqual([RULE, other])
  })

  test('changes severities and thresholds, switches rules off, and adds some', () => {
    const own = { name: 'own', severity: 'info' as const, message: 'mine', sql: 'select 1' }
    expect(
      withOverrides([RULE, other, { ...RULE, name: 'third' }], {
        rules: { rates: { severity: 'off' }, other: { severity: 'warn' }, third: { allowed: 3 } },
        add: [own, { ...own, name: 'own2', allowed: 2 }],
      }),
    ).toEqual([
      { ...RULE, off: true },
      { ...other, severity: 'warn' },
      { ...RULE, name: 'third', allowed: 3 },
      { ...own, scope: 'rules', grain: 'one row per bad row', allowed: 0, off: false, where: 'quality.yml' },
      {
        ...own,
        name: 'own2',
        scope: 'rules',
        grain: 'one row per bad row',
        allowed: 2,
        off: false,
        where: 'quality.yml',
      },
    ])
  })
})

describe('nameFault', () => {
  const add = (...names: string[]) => names.map((name) => ({ name, severity: 'warn' as const, message: 'm', sql: 's' }))

  test('finds a rule that does not exist, with the nearest', () => {
    expect(nameFault({ rules: { other: {}, rats: {} } }, ['rates', 'other'])).toEqual({
      path: ['rules', 'rats'],
      message: 'there is no rule rats; the nearest is rates',
    })
    // A rule of the user's own has its properties where it stands.
    expect(nameFault({ rules: { own: {} }, add: add('own') }, ['rates'])?.message).toBe(
      'there is no rule own; rules are rates',
    )
  })

  test.each([
    ['one of ours', ['own', 'other'], 1],
    ['another of the file', ['own', 'own'], 1],
  ])('finds a rule of the user with the name of %s: a check is known by its name', (_, names, at) => {
    expect(nameFault({ add: add(...names) }, ['rates', 'other'])).toEqual({
      path: ['add', at, 'name'],
      message: `there are two rules ${names[at]}; a rule needs a name of its own`,
    })
  })

  test('is content with names of their own', () => {
    expect(nameFault({ rules: { rates: {} }, add: add('own', 'own2') }, ['rates'])).toBeUndefined()
  })
})
