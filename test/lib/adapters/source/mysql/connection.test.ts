import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { MysqlConnection } from '../../../../../src/lib/adapters/source/mysql/connection.js'
import { mysqlError } from '../../../../../src/lib/adapters/source/mysql/mysql-error.js'
import { parseMysqlUrl } from '../../../../../src/lib/core/config/mysql-url.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'

const spec = parseMysqlUrl('mysql://u@h/db')

test.each<[string, Buffer]>([
  ['another protocol', Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n')],
  ['nothing', Buffer.alloc(0)],
  ['a greeting that breaks off', Buffer.from([1, 0, 0, 0, 10])],
  ['a greeting of another kind', Buffer.from([5, 0, 0, 0, 10, 65, 66, 67, 68])],
])('who answers with %s is no MySQL server', async (_, bytes) => {
  const [url, opening] = await opened(bytes)
  await expect(opening).rejects.toMatchObject({
    code: 'IO',
    message: expect.stringContaining(`${url} does not answer as a MySQL server does: `),
  })
})

test('more than is asked for ends the connection, and nothing else', async () => {
  // Zeros are a greeting and a welcome, and then too much.
  const [, opening] = await opened(Buffer.alloc(100))
  await expect(opening).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('was lost') })
})

test('who gives up while a connection is made does not wait for it', async () => {
  const abort = new AbortController()
  const [, opening] = await opened(undefined, abort.signal)
  setTimeout(() => abort.abort(new EtlError('stopped', { code: 'INTERRUPTED' })), 50)
  const at = Date.now()
  await expect(opening).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(Date.now() - at).toBeLessThan(5000)
})

/** @returns the URL of a server that answers so, or not at all, and what comes of connecting to it */
async function opened(
  bytes: Buffer | undefined,
  signal = new AbortController().signal,
): Promise<[string, Promise<unknown>]> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    if (bytes) socket.end(bytes)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const url = `mysql://u@127.0.0.1:${port}/db`
  const opening = MysqlConnection.open(parseMysqlUrl(url), 'x', signal)
  opening.catch(() => undefined)
  return [url, opening]
}

test.each<[object, string | undefined, string]>([
  [{ code: 'ER_CON_COUNT_ERROR', errno: 1040, sqlState: '08004' }, 'IO', 'cannot be reached: words'],
  [{ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '28000', fatal: true }, 'ACCESS', 'denies access: words'],
  [
    { code: 'ER_COLUMNACCESS_DENIED_ERROR', errno: 1143, sqlState: '42000' },
    'ACCESS',
    'denies the right to read: words',
  ],
  [{ code: 'ER_NEW_AND_UNKNOWN', errno: 9999, sqlState: 'HY000' }, 'IO', 'answers with an error: words'],
  // Of MariaDB, and unasked.
  [{ code: undefined, errno: 1927, sqlState: '70100' }, 'IO', 'was lost while it was read: words'],
  [{ code: 4031, fatal: true }, 'IO', 'was lost while it was read: words'],
  [{ code: 'ERR_OUT_OF_RANGE', fatal: true }, 'IO', 'was lost while it was read: words'],
  [{ code: 'ERR_OUT_OF_RANGE' }, undefined, 'words'],
])('%j', (said, code, message) => {
  const error = mysqlError(Object.assign(new Error('words'), said), spec) as Error & { code?: unknown }
  expect(error instanceof EtlError ? error.code : undefined).toBe(code)
  expect(error.message).toBe(code === undefined ? message : `mysql://u@h:3306/db ${message}`)
})

test('what is told already stays as it is, and so does what is no error', () => {
  const told = new EtlError('x', { code: 'CANCELED' })
  expect(mysqlError(told, spec)).toBe(told)
  expect(mysqlError('x', spec)).toBe('x')
})
