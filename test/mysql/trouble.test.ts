import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { command, filesWith, fillSmall } from '../support/mysql-commands.js'
import { createDatabase, DATABASE, READER } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { workingFolder } from '../support/working-folder.js'

let server: Mariadb
let url = ''
const RUN = ['run', '--as-of', SMALL_AS_OF]
const encoded = encodeURIComponent(READER.password)
const withPassword = (): string => url.replace(READER.user, `${READER.user}:${encoded}`)

beforeAll(async () => {
  server = await startMariadb()
  url = await createDatabase(server)
  await fillSmall(server)
  await server.admin(
    `create user 'half'@'127.0.0.1' identified by '${READER.password}'`,
    ...['apartments', 'apartment_attributes', 'user_viewing'].map(
      (table) => `grant select on ${DATABASE}.${table} to 'half'@'127.0.0.1'`,
    ),
    `create user 'all'@'127.0.0.1' identified by '${READER.password}'`,
    `grant select on *.* to 'all'@'127.0.0.1'`,
  )
})
afterAll(() => server?.[Symbol.asyncDispose]())

const as = (user: string): string => url.replace(READER.user, user)

describe('what the server refuses', () => {
  test('a wrong password, and none', async () => {
    await workingFolder()
    const wrong = await command([...RUN, '--source', url], { password: 'wr0ng/word' })
    expect(wrong).toMatchObject({
      code: 77,
      stderr: expect.stringContaining(`${url} denies access: Access denied for user 'etl' at `),
    })
    expect(wrong.stderr).toContain('(with a password)')
    expect(wrong.said).not.toContain('wr0ng')
    const none = await command([...RUN, '--source', url], { password: null })
    expect(none).toMatchObject({ code: 77, stderr: expect.stringContaining('(no password was given)') })
    expect(none.stderr).toContain('MYSQL_PWD')
  })

  test('a table that may not be read is named, with the grant, by run and doctor', async () => {
    const folder = await workingFolder()
    const source = as('half')
    const said = `${source} denies the right to read: SELECT command denied to user 'half' at 'localhost' for table \`rental_db\`.\`bookings\``
    const grant = `GRANT SELECT ON \`rental_db\`.* TO 'half'@'%'`
    const run = await command([...RUN, '--source', source])
    expect(run).toMatchObject({ code: 77, stderr: expect.stringContaining(said) })
    expect(run.stderr).toContain(grant)
    expect(await filesWith(folder, ['warehouse.duckdb'])).toEqual([])
    const doctor = await command(['doctor', '--fail-on', 'error', '--source', source])
    expect(doctor.code).toBe(1)
    expect(doctor.stdout).toContain(said)
    expect(doctor.stdout).toContain(grant)
    expect(doctor.stdout).toMatch(/source apartments +3 rows, counted by the server/)
  })

  test('a database that is not there, or of which nothing is told', async () => {
    await workingFolder()
    const elsewhere = (source: string): string => source.replace(DATABASE, 'nowhere')
    expect(await command([...RUN, '--source', elsewhere(as('all'))])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining(`has no such database: Unknown database 'nowhere'`),
    })
    expect(await command([...RUN, '--source', elsewhere(url)])).toMatchObject({
      code: 77,
      stderr: expect.stringContaining(`to database 'nowhere'`),
    })
  })

  test('nobody listens, the host is not known, or TLS is asked for in vain', async () => {
    await workingFolder()
    const closed = url.replace(`:${server.port}`, ':1')
    expect(await command([...RUN, '--source', closed])).toMatchObject({
      code: 74,
      stderr: expect.stringContaining(`${closed} cannot be reached: connect ECONNREFUSED 127.0.0.1:1`),
    })
    const unknown = url.replace('127.0.0.1', 'no-such-host.invalid')
    expect(await command([...RUN, '--source', unknown])).toMatchObject({
      code: 74,
      stderr: expect.stringContaining(`${unknown} cannot be reached`),
    })
    const secure = `${url}?ssl-mode=required`
    const refused = await command([...RUN, '--source', secure])
    expect(refused).toMatchObject({
      code: 74,
      stderr: expect.stringContaining(`${secure} cannot be reached by TLS as asked for (ssl-mode)`),
    })
    expect(refused.stderr).toContain('--source')
  })
})

describe('the password', () => {
  /** No part of it may be told or kept. */
  const PARTS = [READER.password, encoded, 'p/w', 'p%2Fw']

  test('of the URL in the environment; of references in the file; never in a flag', async () => {
    const folder = await workingFolder({ secret: `${READER.password}\n` })
    const home = join(folder, '.rental-etl')
    const settings = (lines: string[]): Promise<void> =>
      writeFile(
        join(folder, 'rental-etl.yml'),
        ['targets:', '  local:', ...lines.map((line) => `    ${line}`), ''].join('\n'),
      )
    const ways: [string[], Record<string, string>][] = [
      [[], { RENTAL_ETL_SOURCE: withPassword() }],
      [[`source: ${withPassword()}`], {}],
      [[`source: ${url}`, 'source_password: file:secret'], {}],
      [[`source: ${url}`, 'source_password: env:DB_WORD'], { DB_WORD: READER.password }],
    ]
    for (const [at, [lines, env]] of ways.entries()) {
      if (lines.length > 0) await settings(lines)
      const run = await command([...RUN, '--name', `r${at}`], { password: null, env })
      expect({ at, code: run.code, said: run.stderr }).toMatchObject({ at, code: 0 })
      for (const words of [
        ['runs', 'show', '@latest', '--json'],
        ['config', 'explain', 'source'],
        ['doctor', '--json'],
      ])
        run.said += (await command(words, { password: null, env })).said
      expect(PARTS.filter((part) => run.said.includes(part))).toEqual([])
      expect(await filesWith(home, PARTS)).toEqual([])
      if (at === 0) delete process.env['RENTAL_ETL_SOURCE']
    }
    const request = await readFile(join(home, 'runs/r0/request.json'), 'utf8')
    expect(request).toContain(url)

    const flag = await command([...RUN, '--source', withPassword()])
    expect(flag).toMatchObject({ code: 64, stderr: expect.stringContaining('--source holds a password') })
    expect(PARTS.filter((part) => flag.said.includes(part))).toEqual([])
    await settings([`source: ${url}`, 'source_password: env:ABSENT'])
    expect(await command(RUN)).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('source_password: environment variable ABSENT is not set'),
    })
  })

  test('as it stands, not encoded, is refused and not told', async () => {
    await workingFolder()
    const plain = url.replace(READER.user, `${READER.user}:${READER.password}`)
    const run = await command(RUN, { password: null, env: { RENTAL_ETL_SOURCE: plain } })
    expect(run).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('in a password / ? # : % and the at sign are percent-encoded'),
    })
    expect(PARTS.filter((part) => run.said.includes(part))).toEqual([])
  })
})

test('run, a second run that moves nothing, verify of everything, doctor', async () => {
  await workingFolder()
  const run = await command([...RUN, '--source', url, '--json'])
  expect(run).toMatchObject({ code: 0, stderr: '' })
  const again = JSON.parse((await command([...RUN, '--source', url, '--json'])).stdout)
  const moved = again.result.layers.flatMap(
    (layer: { tables: { inserted: number; updated: number; deleted: number }[] }) =>
      layer.tables.filter(({ inserted, updated, deleted }) => inserted + updated + deleted > 0),
  )
  expect(moved).toEqual([])
  const verify = await command(['verify', '--scope', 'all', '--source', url, '--json'])
  const { result } = JSON.parse(verify.stdout)
  expect(failedOf(verify.stdout)).toEqual([])
  expect({ code: verify.code, verdict: result.verdict }).toEqual({ code: 0, verdict: expect.stringMatching(/ok|warn/) })
  expect(result.checks.map(({ scope }: { scope: string }) => scope)).toEqual(
    expect.arrayContaining(['freshness', 'checksum']),
  )
  // What changed behind the last run's back is found, and its key is named.
  await server.admin(`update ${DATABASE}.bookings set total_price = total_price + 0.01 where booking_id = 3`)
  const changed = await command(['verify', '--scope', 'checksum', '--source', url, '--json'])
  expect(changed.code).toBe(1)
  expect(failedOf(changed.stdout)).toMatchObject([
    {
      name: 'source_content_bookings',
      bad_rows: 1,
      sample: [{ booking_id: '3', column: 'total_price', problem: 'differs' }],
    },
  ])
  const doctor = await command(['doctor', '--source', url])
  expect(doctor.stdout).toMatch(/source bookings +6 rows, counted by the server/)
})

function failedOf(json: string): unknown[] {
  return JSON.parse(json).result.checks.filter(({ status }: { status: string }) => status === 'fail')
}

test('a source that shrank to nothing is stopped before anything is changed, and let pass once', async () => {
  const place = ['--source', url, '--home', join(await workingFolder(), 'home'), '--as-of', SMALL_AS_OF]
  const many = (rows: number): Promise<unknown> =>
    server.admin(
      `use ${DATABASE}`,
      `create or replace view user_viewing as select seq as user_id, 1 as apartment_id, '2024-01-01' as viewed_at from seq_1_to_2000 where seq <= ${rows}`,
    )
  await server.admin(`drop table if exists ${DATABASE}.user_viewing`)
  await many(2000)
  expect((await command(['run', ...place])).code).toBe(0)
  await many(0)
  const stopped = await command(['run', ...place])
  expect([stopped.code, stopped.said]).toEqual([
    1,
    expect.stringContaining('user_viewing would lose 2000 of its 2000 rows (100 %)'),
  ])
  expect(stopped.said).toContain('rental-etl run --allow-deletes')
  const count = async (): Promise<string> =>
    (await command(['query', 'select count(*) as n from raw_data.stg_user_viewing', '-o', 'csv', ...place.slice(2, 4)]))
      .stdout
  expect(await count()).toBe('n\n2000\n')
  expect((await command(['run', '--allow-deletes', ...place])).code).toBe(0)
  expect(await count()).toBe('n\n0\n')
})
