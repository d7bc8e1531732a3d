import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SOURCE_TABLES } from '../../../../../src/lib/core/model.js'
import { readRelations, runJobs } from '../../../../support/pipeline.js'
import { sampleText } from '../../../../support/sample-rows.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const CELLS = {
  ...Object.fromEntries(
    SOURCE_TABLES.map(({ raw, columns }) => [
      `raw_data.${raw}`,
      [...columns.map(({ name }) => name), '_position', '_superseded', '_nullified'],
    ]),
  ),
  'raw_data.quarantine': ['table_name', 'rule', 'key_text', 'row_text', 'occurrence'],
}

/** A clean source, and its folder. */
async function cleanSource(): Promise<{ home: string; folder: string }> {
  const folder = await temporaryFolder()
  for (const { name } of SOURCE_TABLES)
    await writeFile(join(folder, `${name}.csv`), sampleText(name, { scale: 0.01, dirt: 0 }))
  return { home: join(await temporaryFolder(), 'home'), folder }
}

const run = (home: string, folder: string, runId: string) =>
  runJobs({ home, folder, asOf: '2026-06-30', runId, to: 'raw' })

const BOOKING = '900000001,100001,5508000001,2026-01-05,2026-02-28,2026-03-02,100.00,EUR,confirmed,paid,2'

/** The same rows in a form that is not plain: every number has a sign. */
async function signed(folder: string): Promise<void> {
  for (const { name, columns } of SOURCE_TABLES) {
    const path = join(folder, `${name}.csv`)
    const [header, ...rows] = (await readFile(path, 'utf8')).split('\n')
    expect(header?.split(',')[0]).toBe(columns[0]?.name)
    await writeFile(path, [header, ...rows.map((row) => (row === '' ? row : `+${row}`))].join('\n'))
  }
}

test('what the engine types gives the cells that the rules give, at the first run and at the second', async () => {
  const { home, folder } = await cleanSource()
  const other = join(await temporaryFolder(), 'home')
  await run(home, folder, 'r1')
  const first = await readRelations(home, CELLS)
  expect(Math.min(...SOURCE_TABLES.map(({ raw }) => first[`raw_data.${raw}`]?.length ?? 0))).toBeGreaterThan(90)
  await appendFile(join(folder, 'bookings.csv'), `${BOOKING}\n`)
  await run(home, folder, 'r2')
  const second = await readRelations(home, CELLS)
  expect(second['raw_data.stg_bookings']?.length).toBe((first['raw_data.stg_bookings']?.length ?? 0) + 1)
  await signed(folder)
  await run(other, folder, 'o1')
  expect(second).toEqual(await readRelations(other, CELLS))
})

test.each([
  ['a day that no month has', BOOKING.replace('2026-02-28', '2026-02-29'), 'bad_value:checkin_date'],
  ['a number that is too large', BOOKING.replace('100.00', '123456789.00'), 'bad_value:total_price'],
  ['a key that is too large', BOOKING.replace('900000001', '9'.repeat(20)), 'bad_value:booking_id'],
])(
  '%s in a file that is plain otherwise is quarantined as ever, at the first run and at the second',
  async (_, row, rule) => {
    const { home, folder } = await cleanSource()
    await run(home, folder, 'r1')
    const clean = await readRelations(home, CELLS)
    await appendFile(join(folder, 'bookings.csv'), `${row}\n`)
    const other = join(await temporaryFolder(), 'home')
    for (const [runId, to] of [
      ['r2', home],
      ['r3', other],
    ] as const) {
      await run(to, folder, runId)
      const found = await readRelations(to, CELLS)
      expect(found['raw_data.stg_bookings']).toEqual(clean['raw_data.stg_bookings'])
      const fields = Object.fromEntries(
        ((await readFile(join(folder, 'bookings.csv'), 'utf8')).split('\n')[0] ?? '')
          .split(',')
          .map((name, at) => [name, row.split(',')[at]]),
      )
      const [quarantined] = found['raw_data.quarantine'] ?? []
      expect(quarantined?.slice(0, 3)).toEqual(['bookings', rule, row.split(',')[0]])
      expect(JSON.parse(quarantined?.[3] ?? '')).toEqual(fields)
    }
  },
)
