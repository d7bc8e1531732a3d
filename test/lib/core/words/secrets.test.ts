import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdsPassword, maskSecrets } from '../../../../src/lib/core/words/secrets.js'

test.each([
  ['mysql://root:secret@db:3306/rental_db', 'mysql://root:***@db:3306/rental_db'],
  ['MySQL+SSL://root:secret@db', 'MySQL+SSL://root:***@db'],
  ['mysql://root:p@ss/w:rd@db/x', 'mysql://root:***@db/x'],
  ['mysql://:secret@db', 'mysql://:***@db'],
  ['cannot reach mysql://a:b@c, nor mysql://d:e@f', 'cannot reach mysql://a:***@c, nor mysql://d:***@f'],
  ['two lines\nmysql://a:b@c\nend', 'two lines\nmysql://a:***@c\nend'],
])('%s', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked)
  expect(holdsPassword(text)).toBe(true)
})

test.each(['sample:2', 'csv:/data/a:b@c', 'mysql://root@db:3306/rental_db', 'https://db:3306/x', 'a:b@c', ''])(
  '%s holds none',
  (text) => {
    expect(maskSecrets(text)).toBe(text)
    expect(holdsPassword(text)).toBe(false)
  },
)

test('no password comes through, and masking twice is masking once', () => {
  const password = fc.stringMatching(/^[!-~]{8,20}$/).filter((text) => !'***'.includes(text))
  fc.assert(
    fc.property(password, (secret) => {
      const masked = maskSecrets(`error at mysql://user:${secret}@host/db, line 3`)
      expect(masked).toBe('error at mysql://user:***@host/db, line 3')
      expect(maskSecrets(masked)).toBe(masked)
    }),
  )
})
