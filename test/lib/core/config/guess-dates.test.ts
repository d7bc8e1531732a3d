import { describe, expect, test } from 'vitest'
import { dateForm } from '../../../../src/lib/core/config/guess-dates.js'
import { memoryDatabase } from '../../../support/memory-database.js'

describe('dates that are not as the typing takes them', () => {
  test.each<[string[], string[]]>([
    [
      ['05/13/2024', '01/02/2024'],
      ['2024-05-13', '2024-01-02'],
    ],
    [['05/13/2024 07:08:09'], ['2024-05-13 07:08:09']],
    [
      ['5/13/2024 7:08 PM', '1/2/2024 12:00 AM'],
      ['2024-05-13 19:08:00', '2024-01-02 00:00:00'],
    ],
    [
      ['13.5.2024', '1.2.2024'],
      ['2024-05-13', '2024-02-01'],
    ],
    [
      ['13-05-2024', '01-02-2024'],
      ['2024-05-13', '2024-02-01'],
    ],
    [
      ['2024/5/13', '2024/01/02'],
      ['2024-05-13', '2024-01-02'],
    ],
    [['2024-05-13 07:08'], ['2024-05-13 07:08:00']],
    [['20240513'], ['2024-05-13']],
    [
      ['13 May 2024', '1 JAN 2024'],
      ['2024-05-13', '2024-01-01'],
    ],
    [['1-Jan-2024'], ['2024-01-01']],
    [
      ['January 2, 2024', 'May 13, 2024'],
      ['2024-01-02', '2024-05-13'],
    ],
    [
      ['2024-05-13T07:08:09+00:00', '2024-05-13 07:08:09 UTC'],
      ['2024-05-13T07:08:09Z', '2024-05-13 07:08:09Z'],
    ],
    [['1715700000'], ['2024-05-14 15:20:00']],
    [
      [...Array(9).fill('05/13/2024'), 'never'],
      [...Array(9).fill('2024-05-13'), 'never'],
    ],
    [['1715700000250'], ['2024-05-14 15:20:00.250']],
  ])('%j are read', async (values, expected) => {
    const form = dateForm('"d"', values)
    if (form.kind !== 'made') throw new Error(JSON.stringify(form))
    const db = await memoryDatabase()
    // What is of another form is left as it stands, for the typing to judge; nothing ends the statement.
    const others = ['someday', '2024-01-02', '99999999999999999999', '', '45/45/2024', '0', '7']
    const rows = [...values, ...others].map((text) => `('${text}')`).join(', ')
    const found = await db.all<{ r: string }>(`select ${form.sql} as r from (values ${rows}, (null)) t(d)`)
    expect(found.map(({ r }) => r)).toEqual([...expected, ...others, null])
  })

  test.each<[string[], string, string]>([
    [['2024-05-13', '2024-05-13T01:02:03.5Z'], 'plain', ''],
    [['13/05/2024', '2024-05-13'], 'plain', ''],
    [['01/02/2024'], 'plain', 'no value tells whether it is, such as 01/02/2024'],
    [['1/2/2024', '3/4/2024'], 'unclear', 'may have the day or the month first, such as 1/2/2024'],
    // One bad date in many says nothing of the others; and a form that the typing takes is none to be told.
    [
      [...Array(9).fill('2024-05-13'), '05/13/2024'],
      'plain',
      '1 of the first 10 values cannot be read, such as 05/13/2024',
    ],
    [[...Array(9).fill('13/05/2024'), '05/13/2024'], 'plain', '1 of the first 10 values'],
    [
      ['2024-05-13', '13/05/2024', '2024-05-13', '13/05/2024 01:02:03', ...Array(6).fill('1/2/2024')],
      'unclear',
      'no form',
    ],
    [
      ['13/05/2024', '14/05/2024', '15-05-2024 noon'],
      'plain',
      '1 of the first 3 values cannot be read, such as 15-05-2024 noon',
    ],
    [['13/05/2024', '05/13/2024'], 'unclear', 'the day first and the month first'],
    [['05/13/24'], 'unclear', 'of no form that is known, such as 05/13/24'],
    [['2024-05-13T07:08:09+02:00'], 'unclear', 'of no form that is known'],
    [['2024-05-13', '2024-05-14', 'someday'], 'plain', '1 of the first 3 values cannot be read, such as someday'],
    [['someday', 'never'], 'none', ''],
    [['7', '12'], 'none', ''],
  ])('%j is %s %s', (values, kind, note) => {
    expect(dateForm('d', values)).toMatchObject({
      kind,
      ...(note === '' ? {} : { note: expect.stringContaining(note) }),
    })
  })
})
