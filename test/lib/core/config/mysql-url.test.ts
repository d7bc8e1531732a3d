import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type MysqlSpec, mysqlUrl, parseMysqlUrl, SSL_MODES } from '../../../../src/lib/core/config/mysql-url.js'
import { parseSource } from '../../../../src/lib/core/config/source-spec.js'
import { maskSecrets } from '../../../../src/lib/core/words/secrets.js'

const PLAIN: MysqlSpec = { kind: 'mysql', host: 'h', port: 3306, user: 'u', database: 'db', ssl: 'preferred' }

test.each<[string, Partial<MysqlSpec>]>([
  ['mysql://u@h/db', {}],
  ['MYSQL://u@h:3306/db', {}],
  ['mysql://u@h:13306/db', { port: 13306 }],
  ['mysql://u:@h/db', {}],
  ['mysql://u:p%2Fw%401%3A%25@h/db', { password: 'p/w@1:%' }],
  ['mysql://u%40x:p%C3%B8@h/my%20db', { user: 'u@x', password: 'pø', database: 'my db' }],
  ['mysql://u@[::1]:3307/db', { host: '::1', port: 3307 }],
  ['mysql://u@h/db?ssl-mode=REQUIRED', { ssl: 'required' }],
  ['mysql://u@h/db?ssl-mode=disabled', { ssl: 'disabled' }],
  ['mysql://u@h/db?ssl-ca=%2Fetc%2Fca.pem', { ssl: 'verify_ca', sslCa: '/etc/ca.pem' }],
  ['mysql://u@h/db?ssl-ca=ca.pem&ssl-mode=verify_identity', { ssl: 'verify_identity', sslCa: 'ca.pem' }],
  ['mysql://u@h/db?ssl-ca=ca.pem&ssl-mode=preferred', { ssl: 'preferred', sslCa: 'ca.pem' }],
  ['mysql://u@localhost/db?socket=/run/mysqld.sock', { host: 'localhost', socket: '/run/mysqld.sock' }],
])('%s', (url, parts) => {
  expect(parseMysqlUrl(url)).toEqual({ ...PLAIN, ...parts })
})

const NO_URL = 'it is no URL; in a password / ? # : % and the at sign are percent-encoded, / as %2F'

describe('refused, without a word of what may be a password', () => {
  test.each([
    ['mysql://u:s3cr3t/w@h/db', NO_URL],
    ['mysql://u:s3cr3t@h:port/db', NO_URL],
    ['mysql://u:s3cr3t@h:70000/db', NO_URL],
    ['postgres://u:s3cr3t@h/db', NO_URL],
    ['mysql:u:s3cr3t@h/db', 'it names no user: mysql://USER@host:3306/rental_db'],
    ['mysql://h/db', 'it names no user: mysql://USER@host:3306/rental_db'],
    ['mysql://:s3cr3t@h/db', 'it names no user: mysql://USER@host:3306/rental_db'],
    ['mysql://u:1/s3cr3t@h/db', 'it names no user: mysql://USER@host:3306/rental_db'],
    ['mysql://u:s3cr3t@h', 'it names no database: mysql://user@host:3306/DATABASE'],
    ['mysql://u:s3cr3t@h/', 'it names no database: mysql://user@host:3306/DATABASE'],
    ['mysql://u:s3cr3t@h/a/b', 'it names no database: mysql://user@host:3306/DATABASE'],
    ['mysql://u:s3cr3t%@h/db', 'a % in it that encodes nothing stands as %25'],
    ['mysql://u:s3cr3t%C3@h/db', 'a % in it that encodes nothing stands as %25'],
    ['mysql://u@h/db#s3cr3t', 'nothing can stand behind a # in it; in a password # is %23'],
    ['mysql://u@h/db?password=s3cr3t', 'it takes ssl-mode, ssl-ca, socket behind the question mark, and nothing else'],
    ['mysql://u@h/db?s3cr3t', 'it takes ssl-mode, ssl-ca, socket behind the question mark, and nothing else'],
    ['mysql://u@h/db?ssl-mode=s3cr3t', 'ssl-mode takes disabled, preferred, required, verify_ca, verify_identity'],
    ['mysql://u@h/db?ssl-mode=', 'ssl-mode takes disabled, preferred, required, verify_ca, verify_identity'],
  ])('%s', (url, message) => {
    expect(() => parseMysqlUrl(url)).toThrow(new Error(message))
    // As it is told, nothing of it is taken for a password.
    const told = `--source: a MySQL source is a URL, mysql://user@host:3306/database: ${message}`
    expect(maskSecrets(told)).toBe(told)
    if (/^mysql:\/\//.test(url))
      expect(() => parseSource(url, '--source')).toThrow(expect.objectContaining({ message: told }))
  })
})

test('what is shown is the same database, and holds no password', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((one) => one.toWellFormed())
  const spec = fc
    .record({
      host: fc.constantFrom('h', 'db.example.com', '10.0.0.1', '::1'),
      port: fc.integer({ min: 1, max: 65_535 }),
      user: text,
      database: text.filter((name) => !name.includes('/')),
      ssl: fc.constantFrom(...SSL_MODES),
      socket: fc.option(text, { nil: undefined }),
      sslCa: fc.option(text, { nil: undefined }),
      password: fc.option(text, { nil: undefined }),
    })
    .map(({ socket, sslCa, password, ...rest }) => ({
      kind: 'mysql' as const,
      ...rest,
      ...(socket === undefined ? {} : { socket }),
      ...(sslCa === undefined ? {} : { sslCa }),
      ...(password === undefined ? {} : { password }),
    }))
  fc.assert(
    fc.property(spec, ({ password, ...shown }) => {
      const url = mysqlUrl(password === undefined ? shown : { ...shown, password })
      expect(parseMysqlUrl(url)).toEqual(shown)
    }),
  )
})
