import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sourceTrace } from '../../../../../src/lib/adapters/local/trace/source-trace.js'
import { createSource } from '../../../../../src/lib/adapters/source/create-source.js'
import { CsvSource } from '../../../../../src/lib/adapters/source/csv/csv-source.js'
import type { Source } from '../../../../../src/lib/adapters/source/source.js'
import type { SourceTableName } from '../../../../../src/lib/core/model.js'
import type { SourceFacts } from '../../../../../src/lib/core/trace/facts.js'
import { traceKey } from '../../../../../src/lib/core/trace/key.js'
import { trim } from '../../../../naive/csv.js'
import { dirtySource, writeSource } from '../../../../support/dirty-source.js'
import { PATIENCE, tries } from '../../../../support/invariants.js'
import { naiveLines } from '../../../../support/naive-lines.js'
import { readRelations, runJobs } from '../../../../support/pipeline.js'
import { scratchFolder } from '../../../../support/temporary.js'
import { writeLines } from '../../../../support/trace-home.js'

const signal = new AbortController().signal

async function look(
  source: Source,
  kind: 'booking' | 'listing' | 'view',
  text: string,
  table: SourceTableName,
  most = 50,
) {
  const settings = { home: '/nowhere', now: () => new Date(), source: () => source }
  return (await sourceTrace(settings, traceKey(kind, text), { tables: [table], most, signal })).get(
    table,
  ) as SourceFacts
}

test(
  'of each key of a dirty source all copies are found, the one in raw first, with the lines that a naive reader counts',
  PATIENCE,
  async () => {
    let lines = 0
    let copies = 0
    await fc.assert(
      fc.asyncProperty(dirtySource, async (source) => {
        await using scratch = await scratchFolder()
        const folder = join(scratch.path, 'source')
        const home = join(scratch.path, 'home')
        await writeSource(folder, source)
        await runJobs({ home, folder, asOf: '2024-06-15', runId: 'r1', to: 'raw' })
        const raw = await readRelations(home, {
          'raw_data.stg_bookings': ['booking_id', 'total_price', '_nullified', '_superseded'],
          'raw_data.stg_apartments': ['id', 'price', '_nullified', '_superseded'],
        })
        for (const [kind, table, key, price] of [
          ['booking', 'bookings', 'booking_id', 'total_price'],
          ['listing', 'apartments', 'id', 'price'],
        ] as const) {
          const [header, ...records] = naiveLines(await readFile(join(folder, `${table}.csv`), 'utf8'))
          const at = header?.fields.findIndex((name) => trim(name) === key) ?? -1
          for (const [id = '', value, nullified, superseded] of (raw[`raw_data.stg_${table}`] ?? []).slice(0, 12)) {
            const { records: found, good, bad, keys } = await look(new CsvSource(folder), kind, id as string, table)
            expect([good, keys, found.length]).toEqual([Number(superseded) + 1, 1, good + bad])
            expect(found[0]).toMatchObject({
              survives: true,
              row: { [key]: id, [price]: value, _nullified: nullified },
            })
            for (const { line, file } of found) {
              const own = records.find((one) => one.line === line)?.fields[at] ?? ''
              expect([basename(file ?? ''), BigInt(trim(own).replace(/^\+|\.0*$/g, ''))]).toEqual([
                `${table}.csv`,
                BigInt(id as string),
              ])
            }
            // Each has a line of its own.
            expect(new Set(found.map(({ line }) => line)).size).toBe(found.length)
            lines += found.length
            copies += good - 1
          }
        }
      }),
      tries(4),
    )
    expect(lines).toBeGreaterThan(40)
    expect(copies).toBeGreaterThan(5)
  },
)

const BOOKINGS = [
  '1,7,2,2024-02-01,2024-02-05,2024-02-08,10,USD,confirmed,2',
  '1,7,2,2024-02-01,2024-02-05,2024-02-08,much,USD,confirmed,2',
  '1,7,2',
  '1,7,2,2024-02-01,2024-02-05,2024-02-08,10,USD,confirmed,2',
  '11,7,2,2024-02-01,2024-02-05,2024-02-08,10,USD,confirmed,many',
]

test('bad records and equal copies each have their own line; most are given, all are counted', async () => {
  await using scratch = await scratchFolder()
  await writeLines(scratch.path, { bookings: BOOKINGS })
  const found = await look(new CsvSource(scratch.path), 'booking', '1', 'bookings')
  expect(found.records.map(({ rule, survives, line }) => [rule, survives, line])).toEqual([
    ...[
      [null, true, 5],
      [null, false, 2],
    ],
    ...[
      ['bad_value:total_price', false, 3],
      ['bad_row:fields', false, 4],
    ],
  ])
  expect(found.records.slice(2).map(({ row }) => row)).toEqual([
    expect.objectContaining({ booking_id: '1', total_price: 'much' }),
    ['1', '7', '2'],
  ])
  const first = await look(new CsvSource(scratch.path), 'booking', '1', 'bookings', 1)
  expect([first.records.length, first.good, first.bad]).toEqual([1, 2, 2])
  const nullified = await look(new CsvSource(scratch.path), 'booking', '11', 'bookings')
  expect(nullified.records[0]?.row).toMatchObject({ num_guests: null, _nullified: 'num_guests' })
})

test('of a mapped table the key is the one that the mapping makes, and there is no line', async () => {
  await using scratch = await scratchFolder()
  await writeLines(scratch.path, { bookings: BOOKINGS })
  const mapping = { bookings: { columns: { booking_id: 'cast(booking_id as bigint) + 100' } } }
  const source = createSource({ kind: 'csv', folder: scratch.path }, { home: '/nowhere', mapping })
  const found = await look(source, 'booking', '111', 'bookings')
  expect(found.records).toMatchObject([{ survives: true, line: null, file: null, row: { booking_id: '111' } }])
  expect(await look(source, 'booking', '11', 'bookings')).toMatchObject({ good: 0, bad: 0, failure: null })
})

test('what cannot be read is the failure of its table; what is no failure of the source is thrown', async () => {
  await using scratch = await scratchFolder()
  const source = new CsvSource(join(scratch.path, 'none'))
  expect(await look(source, 'booking', '1', 'bookings')).toMatchObject({
    failure: expect.stringContaining('none does not exist'),
    ...{ records: [], good: 0, bad: 0 },
  })
  const broken: Source = { open: () => Promise.reject(new TypeError('a bug')) }
  await expect(look(broken, 'booking', '1', 'bookings')).rejects.toThrow('a bug')
})

test('a file that is written to meanwhile says nothing', async () => {
  await using scratch = await scratchFolder()
  await writeLines(scratch.path, { bookings: BOOKINGS })
  const inner = new CsvSource(scratch.path)
  const source: Source = {
    open: async (work, stop) => {
      const reading = await inner.open(work, stop)
      await writeLines(scratch.path, { bookings: [] })
      return reading
    },
  }
  expect((await look(source, 'booking', '1', 'bookings')).failure).toContain('changed while it was read')
})
