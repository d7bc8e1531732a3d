import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import Doctor from '../../src/commands/doctor.js'
import Init from '../../src/commands/init.js'
import Run from '../../src/commands/run.js'
import { findConfig } from '../../src/lib/adapters/files/config-file.js'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { RELATIONS } from '../naive/index.js'
import { captureCommand } from '../support/capture-command.js'
import { FOREIGN, writeForeign } from '../support/foreign-source.js'
import { loadSchemas } from '../support/json-schema.js'
import { readRelations } from '../support/pipeline.js'
import { smallSource } from '../support/small-warehouse.js'
import { workingFolder } from '../support/working-folder.js'

const guess = (...argv: string[]) => captureCommand(Init, 'init', '--guess', ...argv)
const run = (...argv: string[]) => captureCommand(Run, 'run', '--as-of', '2026-06-30', ...argv)

/** A folder `shop` with these tables, in a working directory. */
async function shop(tables: Record<string, string>): Promise<string> {
  const folder = await workingFolder()
  await mkdir(join(folder, 'shop'))
  for (const [name, text] of Object.entries(tables)) await writeFile(join(folder, 'shop', `${name}.csv`), text)
  return folder
}

const VIEWS = 'visitor_id,property_id,event_time\n1,2,2024-01-01 00:00:00\n'
const RESERVATIONS =
  'id,guest_id,listing_id,booked_on,check_in,check_out,total,status\n1,1,2,2024-01-01,2024-01-01,2024-01-03,$5,confirmed\n'

describe('the mapping that is proposed', () => {
  test('makes of foreign names and forms, bad rows among them, the warehouse that the model’s own names give', async () => {
    const folder = await workingFolder()
    const { plain } = await writeForeign(folder, { scale: 0.02, seed: 3, dirt: 0.04 })
    expect(await guess('--source', 'csv:foreign')).toMatchObject({ code: 0 })
    const doctor = JSON.parse((await captureCommand(Doctor, 'doctor', '--json')).stdout)
    expect(doctor.result.checks.filter(({ status }: { status: string }) => status === 'fail')).toEqual([])
    expect(await run('--dry-run')).toMatchObject({ code: 0 })
    expect(await run()).toMatchObject({ code: 0 })
    const other = await workingFolder()
    expect(await run('--source', `csv:${plain}`, '--home', join(other, 'own'))).toMatchObject({ code: 0 })
    const bad = { 'raw_data.quarantine': ['table_name', 'rule'] }
    const [mine, own] = [join(folder, '.rental-etl'), join(other, 'own')]
    for (const [name, columns] of Object.entries({ ...RELATIONS, ...bad })) {
      const [found, expected] = [
        await readRelations(mine, { [name]: columns }),
        await readRelations(own, { [name]: columns }),
      ]
      expect(expected[name]?.length, name).toBeGreaterThan(0)
      expect(found).toEqual(expected)
    }
  })

  test('is in the file what --json says, in its schema, and the file keeps all settings', async () => {
    const folder = await workingFolder()
    await writeForeign(folder, { scale: 0.005, seed: 3, dirt: 0 })
    const { stdout, stderr, code } = await guess('--source', 'csv:foreign', '--home', 'wh', '--json')
    const envelope = JSON.parse(stdout)
    expect([code, stderr, (await loadSchemas()).mistakes('init', envelope)]).toEqual([0, '', []])
    const { path, mapping, guesses, missing } = envelope.result
    expect(path).toBe(join(folder, 'rental-etl.yml'))
    expect((await findConfig(folder))?.targets['local']).toMatchObject({
      source: 'csv:foreign',
      home: 'wh',
      mapping,
      grace: '2h',
    })
    const columns = SOURCE_TABLES.flatMap((table) => table.columns)
    expect(guesses).toHaveLength(columns.length + SOURCE_TABLES.length)
    expect(missing).toEqual([])
    expect(mapping.bookings.columns.checkout_date).toBe('end')
    expect(Object.keys(FOREIGN)).toContain(mapping.apartment_attributes.table)
  })
})

test('what is missing is told, stands in the file as a comment, and a run is refused until it is given', async () => {
  const folder = await shop({ reservations: RESERVATIONS, page_views: VIEWS })
  await smallSource(join(folder, 'shop'))
  await writeFile(join(folder, 'shop', 'bookings.csv'), RESERVATIONS)
  const { stdout, stderr, code } = await guess('--source', 'csv:shop')
  expect(code).toBe(0)
  expect(stdout).toMatch(/\n {2}total_price +← replace\(total, '\$', ''\) {3}\(by name; numbers such as \$5\)\n/)
  expect(stdout).toMatch(/\n {2}currency +← \? {3}\(missing in the source, whose amounts have the sign \$\)\n/)
  expect(stderr).toContain(
    `warning: bookings.currency: missing in the source, whose amounts have the sign $; a run is refused (exit 65) until rental-etl.yml says what it is: give a constant such as "'USD'", or a column\n`,
  )
  expect(stderr).toContain('next: rental-etl run --dry-run')
  const file = join(folder, 'rental-etl.yml')
  const text = await readFile(file, 'utf8')
  expect(text).toContain(
    `        # currency: missing in the source, whose amounts have the sign $; give a constant such as "'USD'", or a column\n`,
  )
  expect(await run('--dry-run')).toMatchObject({
    code: 65,
    stderr: expect.stringContaining('lacks the required column currency'),
  })
  await writeFile(file, text.replace(/# currency: .*/, `currency: "'USD'"`))
  expect(await run('--dry-run')).toMatchObject({ code: 0 })
})

describe('where there is nothing to write', () => {
  test('a file that is there is not replaced, and what would be written is shown', async () => {
    const folder = await shop({ reservations: RESERVATIONS })
    const file = join(folder, 'rental-etl.yml')
    await writeFile(file, 'targets: {}\n')
    const { stdout, stderr, code } = await guess('--source', 'csv:shop')
    expect(code).toBe(64)
    expect(stdout).toMatch(/\n {4}mapping:\n( {6}#.*\n)+ {6}bookings:\n {8}table: reservations {3}# by name\n/)
    expect(stderr.split('\n')[0]).toBe(`error: ${file} is there already; nothing was changed`)
    expect(await readFile(file, 'utf8')).toBe('targets: {}\n')
    expect(JSON.parse((await guess('--source', 'csv:shop', '--json')).stdout)).toMatchObject({
      status: 'error',
      exit: { code: 64 },
    })
  })

  test('the model’s own names, and the sample, need no mapping', async () => {
    const folder = await workingFolder()
    const { stdout } = await guess('--source', 'sample:0.01')
    expect(stdout).toContain('nothing to map')
    expect((await findConfig(folder))?.targets['local']).toMatchObject({ source: 'sample:0.01' })
    const other = await workingFolder()
    await smallSource(join(other, 'own'))
    expect((await guess('--source', 'csv:own')).stdout).toContain('nothing to map')
    expect((await findConfig(other))?.targets['local']?.mapping).toBeUndefined()
  })

  test.each([
    [[], 64, 'error: init --guess looks at a source, and none is given'],
    [['--source', 'csv:gone'], 66, 'does not exist'],
    [['--source', 'csv:empty'], 65, 'has no table to look at'],
    [['--source', 'mysql://u:secret@h/d'], 64, 'error: --source holds a password'],
  ])('%j ends with %i', async (argv, exit, message) => {
    const folder = await workingFolder()
    await mkdir(join(folder, 'empty'))
    const { stderr, stdout, code } = await guess(...argv)
    expect([code, stderr.includes(message), `${stdout}${stderr}`.includes('secret')]).toEqual([exit, true, false])
    await expect(readFile(join(folder, 'rental-etl.yml'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('the source may be that of the environment; a file that cannot be read is told', async () => {
  const folder = await shop({ reservations: RESERVATIONS, 'old export': 'a;b\n' })
  vi.stubEnv('RENTAL_ETL_SOURCE', 'csv:shop')
  const { stderr, code } = await guess()
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('old export.csv has one column; is it separated by semicolons?'),
  ])
  expect((await findConfig(folder))?.targets['local']?.source).toBe('csv:shop')
})
