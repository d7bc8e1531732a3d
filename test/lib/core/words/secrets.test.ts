import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsPassword, isPlain, maskSecrets, maskValue } from '../../../../src/lib/core/words/secrets.js'

describe('in a text', () => {
  test.each([
    ['mysql://root:secret@db:3306/rental_db', 'mysql://root:***@db:3306/rental_db'],
    ['MySQL+SSL://root:secret@db', 'MySQL+SSL://root:***@db'],
    ['mysql://root:p@ss/w:rd@db/x', 'mysql://root:***@db/x'],
    ['mysql://root:pass with blank@db/x', 'mysql://root:***@db/x'],
    ['mysql://a user:pass@db/x', 'mysql://a user:***@db/x'],
    ['mysql://:secret@db', 'mysql://:***@db'],
    ['csv:https://u:secret@h', 'csv:https://u:***@h'],
    ['cannot reach mysql://a:b@c, nor mysql://d:e@f', 'cannot reach mysql://a:***@c, nor mysql://d:***@f'],
    ['two lines\nmysql://a:b@c\nend', 'two lines\nmysql://a:***@c\nend'],
    ['mysql://h/db?password=x&ssl=1', 'mysql://h/db?password=***&ssl=1'],
    ['jdbc:mysql://h/db?user=u&password=a b', 'jdbc:mysql://h/db?user=u&password=***'],
    ['h;Pwd=x;y=1', 'h;Pwd=***;y=1'],
    ['host=h passwd = x', 'host=h passwd = ***'],
    ['s3://b?aws_secret_access_key=x', 's3://b?aws_secret_access_key=***'],
    ['https://h/x?X-Amz-Signature=abc&y=1', 'https://h/x?X-Amz-Signature=***&y=1'],
    ['"jdbc:x?token=abc" is no source', '"jdbc:x?token=***" is no source'],
    ['{"password":"x","a":1}', '{"password":***","a":1}'],
    ['password: x', 'password: ***'],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked)
    expect(holdsPassword(text)).toBe(true)
    expect(maskSecrets(masked)).toBe(masked)
  })

  test.each([
    'sample:2',
    'csv:/data/a:b@c',
    'mysql://root@db:3306/rental_db',
    'https://db:3306/x',
    '/data/a:b@c',
    '',
    // A folder of that name, and words that only mention one.
    'csv:/data/token=5/in',
    '--source holds a password, and others can read it',
    "Parser Error: syntax error at or near: unexpected token 'x'",
    'keys of a table: id',
  ])('%s holds none', (text) => {
    expect(holdsPassword(text)).toBe(false)
    expect(maskSecrets(text)).toBe(text)
    expect(maskValue(text)).toBe(text)
  })
})

describe('a value', () => {
  test.each([
    ['mysql://u:p\nw@h/db', 'mysql://u:***@h/db'],
    // What stands behind the key may be the password's own.
    ['mysql://h/db?password=a&b;c"d', 'mysql://h/db?password=***'],
    ['mysql://h/db?pass%77ord=x', '***'],
    ['u:p@h', 'u:***@h'],
    ['mysql:u/p@h', 'mysql:***@h'],
  ])('%j', (value, masked) => {
    expect(maskValue(value)).toBe(masked)
    expect(holdsPassword(value)).toBe(true)
    expect(isPlain(value)).toBe(false)
  })

  test('is told when it is plain', () => {
    expect(['smaple:1', 'csv', 'C:\\data', 'a b'].map(isPlain)).toEqual([true, true, true, true])
    expect(['u:p@h', 'x=1', 'p\nw', 'é'].map(isPlain)).toEqual([false, false, false, false])
  })
})

const password = fc.stringMatching(/^[!-~][ -~]{6,18}[!-~]$/).filter((text) => !'***'.includes(text))

test('no password of a URL comes through, and masking twice is masking once', () => {
  fc.assert(
    fc.property(password, (secret) => {
      const text = maskSecrets(`error at mysql://user:${secret}@host/db, line 3`)
      // A password may itself look like a URL's beginning.
      fc.pre(!/[a-z]:\/\//i.test(secret))
      expect(text).toBe('error at mysql://user:***@host/db, line 3')
      expect(maskSecrets(text)).toBe(text)
    }),
  )
})

test('no password behind a key comes through a value', () => {
  const key = fc.constantFrom('password', 'PWD', 'passwd', 'auth_token', 'secret', 'aws_access_key_id', 'api-key')
  fc.assert(
    fc.property(key, fc.constantFrom('?', '&', ';'), password, (name, before, secret) => {
      fc.pre(!/^["'&;]/.test(secret))
      expect(maskValue(`jdbc:mysql://h/db${before}${name}=${secret}`)).toBe(`jdbc:mysql://h/db${before}${name}=***`)
    }),
  )
})

test('a text of a megabyte is read once, not once for each letter', () => {
  for (const part of ['a', 'a-', 'a://', 'token', 'password ', 'x:', '@', 'mysql://a:']) {
    const text = part.repeat(1_000_000 / part.length)
    expect(maskSecrets(text).length).toBeGreaterThan(0)
  }
})
