import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MysqlConnection } from '../../src/lib/adapters/source/mysql/connection.js'
import { parseMysqlUrl } from '../../src/lib/core/config/mysql-url.js'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { command } from '../support/mysql-commands.js'
import { createDatabase, READER } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { workingFolder } from '../support/working-folder.js'

let server: Mariadb
let url = ''
let folder = ''
const path = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rental-etl-tls-'))
  await authority('ca')
  await authority('other')
  await certificate('server', 'ca', 'DNS:localhost')
  await certificate('stranger', 'ca', 'DNS:db.example')
  await serve('server')
})

async function serve(name: string): Promise<void> {
  await server?.[Symbol.asyncDispose]()
  server = await startMariadb([`--ssl-cert=${path(`${name}.pem`)}`, `--ssl-key=${path(`${name}.key`)}`])
  url = await createDatabase(server)
}

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** The cipher of a connection, empty without TLS; what it failed with. */
async function cipher(options: string, host = '127.0.0.1'): Promise<string> {
  const spec = parseMysqlUrl(`${url.replace('127.0.0.1', host)}?${options}`)
  try {
    await using connection = await MysqlConnection.open(spec, READER.password, new AbortController().signal)
    const [row] = await connection.rows<{ Value: string }>(`show status like 'Ssl_cipher'`)
    return row?.Value ?? ''
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`
  }
}

describe('ssl-mode', () => {
  test.each([
    ['disabled', /^$/],
    ['preferred', /^TLS_|^ECDHE/],
    ['required', /^TLS_|^ECDHE/],
  ])('%s', async (mode, found) => {
    expect(await cipher(`ssl-mode=${mode}`)).toMatch(found)
  })

  test('without a word of it TLS is used where the server has it', async () => {
    expect(await cipher('')).toMatch(/^TLS_|^ECDHE/)
  })

  test('verify_ca looks at who signed the certificate, and verify_identity at the name, too', async () => {
    const ca = (name: string): string => `ssl-ca=${encodeURIComponent(path(`${name}.pem`))}`
    expect(await cipher(`ssl-mode=verify_ca&${ca('ca')}`)).toMatch(/^TLS_|^ECDHE/)
    expect(await cipher(ca('ca'))).toMatch(/^TLS_|^ECDHE/)
    const failed = 'cannot be reached by TLS as asked for'
    expect(await cipher(`ssl-mode=verify_ca&${ca('other')}`)).toMatch(new RegExp(`^IO: .*${failed}.*certificate`))
    expect(await cipher('ssl-mode=verify_ca')).toMatch(new RegExp(`^IO: .*${failed}.*certificate`))
    expect(await cipher(`ssl-mode=verify_identity&${ca('ca')}`, 'localhost')).toMatch(/^TLS_|^ECDHE/)
    expect(await cipher(`ssl-mode=verify_identity&${ca('ca')}`)).toBe(
      `CONFIG_INVALID: ssl-mode=verify_identity looks for the host's name in its certificate, and 127.0.0.1 is an address`,
    )
    expect(await cipher(`ssl-mode=verify_identity&${ca('other')}`, 'localhost')).toMatch(new RegExp(`^IO: .*${failed}`))
  })

  test('a file of certificates that is not there, or holds none', async () => {
    await writeFile(path('empty.pem'), 'nothing\n')
    expect(await cipher(`ssl-ca=${path('empty.pem')}`)).toBe(
      `CONFIG_INVALID: ${path('empty.pem')} holds no certificate (ssl-ca)`,
    )
    expect(await cipher(`ssl-ca=${path('absent.pem')}`)).toMatch(/absent\.pem/)
  })
})

test('a run with a user that must use TLS', async () => {
  await workingFolder()
  await server.admin(`alter user '${READER.user}'@'127.0.0.1' require ssl`)
  const run = ['run', '--as-of', SMALL_AS_OF]
  const secure = `${url}?ssl-mode=verify_ca&ssl-ca=${encodeURIComponent(path('ca.pem'))}`
  expect(await command([...run, '--source', secure])).toMatchObject({ code: 0 })
  expect(await command([...run, '--source', `${url}?ssl-mode=disabled`])).toMatchObject({ code: 77 })
  const other = await command([...run, '--source', secure.replace('ca.pem', 'other.pem')])
  expect(other).toMatchObject({ code: 74, stderr: expect.stringContaining('by TLS as asked for (ssl-mode)') })
})

test('a server that shows the certificate of another name', async () => {
  await serve('stranger')
  const ca = `ssl-ca=${encodeURIComponent(path('ca.pem'))}`
  expect(await cipher(`ssl-mode=verify_ca&${ca}`, 'localhost')).toMatch(/^TLS_|^ECDHE/)
  expect(await cipher(`ssl-mode=verify_identity&${ca}`, 'localhost')).toMatch(
    /^IO: .*cannot be reached by TLS as asked for.*localhost/,
  )
})

async function authority(name: string): Promise<void> {
  await openssl(
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.pem`,
  )
}

async function certificate(name: string, by: string, names: string): Promise<void> {
  await writeFile(path(`${name}.ext`), `subjectAltName=${names}\n`)
  await openssl(
    `req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`,
  )
  await openssl(
    `x509 -req -in ${name}.csr -CA ${by}.pem -CAkey ${by}.key -CAcreateserial -days 2 -extfile ${name}.ext -out ${name}.pem`,
  )
}

async function openssl(words: string): Promise<void> {
  await promisify(execFile)('openssl', words.split(' '), { cwd: folder })
}
