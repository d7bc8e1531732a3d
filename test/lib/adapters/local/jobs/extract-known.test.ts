import { appendFile, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import { createJobs } from '../../../../../src/lib/adapters/local/jobs/index.js'
import { CsvSource } from '../../../../../src/lib/adapters/source/csv/csv-source.js'
import type {
  KnownSource,
  OpenSource,
  OpenTable,
  SameTable,
  Source,
} from '../../../../../src/lib/adapters/source/source.js'
import { SOURCE_TABLES } from '../../../../../src/lib/core/model.js'
import { newRequest, type RunRequest } from '../../../../../src/lib/core/run/request.js'
import { smallSource } from '../../../../support/small-warehouse.js'
import { temporaryFolder } from '../../../../support/temporary.js'

let folder: string
let runs: number
beforeEach(async () => {
  folder = await temporaryFolder()
  runs = 0
  await smallSource(join(folder, 'source'))
  expect(await readTables()).toEqual(ALL)
})

const ALL = SOURCE_TABLES.map(({ name }) => name).sort()
const home = (): string => join(folder, 'home')

/** A source that notes which of its tables were read and not only hashed. */
class Noting implements Source {
  constructor(private readonly read: Set<string>) {}

  async open(work: string, signal: AbortSignal): Promise<OpenSource> {
    const source = await new CsvSource(join(folder, 'source')).open(work, signal)
    const note = (read: string): void => void this.read.add(read)
    async function* tables(known?: ReadonlyMap<string, KnownSource>): AsyncGenerator<OpenTable | SameTable, void> {
      for await (const table of source.tables(known ?? new Map())) {
        if (!('same' in table)) note(table.table.name)
        yield table
      }
    }
    return {
      bytes: source.bytes,
      tables: tables as OpenSource['tables'],
      open: (table) => {
        note(table.name)
        return source.open(table)
      },
      look: (table) => source.look(table),
      close: () => source.close(),
    }
  }
}

/** Loads the source as far as raw. @returns the tables that were read for it */
async function readTables(changes: Partial<RunRequest> = {}): Promise<string[]> {
  const read = new Set<string>()
  const jobs = createJobs({ home: home(), now: () => new Date(), source: () => new Noting(read) })
  const request = newRequest({ run_id: `r${++runs}`, as_of: '2025-03-24', allow_rejects: true, ...changes })
  const context = { emit: () => undefined, signal: new AbortController().signal }
  await jobs.extract_raw(request, context)
  await jobs.s3_to_redshift_raw(request, context)
  return [...read].sort()
}

async function byHand(sql: string): Promise<void> {
  const db = await Database.open(homePaths(home()).warehouse)
  await db.run(sql)
  await db.run('checkpoint')
  db.close()
}

async function count(sql: string): Promise<number> {
  const db = await Database.open(homePaths(home()).warehouse, { readOnly: true })
  try {
    return await db.count(sql)
  } finally {
    db.close()
  }
}

const file = (name: string): string => join(folder, 'source', `${name}.csv`)

test('a table whose bytes are those of the last load is not read', async () => {
  expect(await readTables()).toEqual([])
  // Its time says nothing.
  await utimes(file('bookings'), new Date(0), new Date(0))
  expect(await readTables()).toEqual([])
})

test('a changed byte is, and a line more, also where size and time are as before', async () => {
  const text = await readFile(file('bookings'), 'utf8')
  const other = text.replace(/(\d)(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10))
  expect([other === text, other.length]).toEqual([false, text.length])
  await writeFile(file('bookings'), other)
  await utimes(file('bookings'), new Date(0), new Date(0))
  await appendFile(file('user_viewing'), '9,1,2025-03-01 00:00:00,\n')
  expect(await readTables()).toEqual(['bookings', 'user_viewing'])
})

describe('what was altered by hand is read, and mended', () => {
  test.each([
    [
      'a row of raw',
      'delete from raw_data.stg_bookings where booking_id = (select min(booking_id) from raw_data.stg_bookings)',
      'bookings',
      'select count(*) from raw_data.stg_bookings',
    ],
    [
      'a bad row',
      "delete from raw_data.quarantine where table_name = 'bookings'",
      'bookings',
      "select count(*) from raw_data.quarantine where cleared_run_id is null and table_name = 'bookings'",
    ],
    [
      'a cell',
      'update raw_data.stg_apartments set price = price + 1',
      'apartments',
      'select cast(sum(price) as bigint) from raw_data.stg_apartments',
    ],
  ])('%s', async (_, sql, table, state) => {
    const before = await count(state)
    await byHand(sql)
    expect(await count(state)).not.toBe(before)
    expect(await readTables()).toEqual([table])
    expect(await count(state)).toBe(before)
  })

  test('the digest in the load log, so that it fits', async () => {
    await byHand("update raw_data.load_log set digest = 'x' where table_name = 'bookings'")
    expect(await readTables()).toEqual(['bookings'])
  })

  test('the manifest that has the fingerprints', async () => {
    const path = homePaths(home()).manifest('r1')
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"source_rows": ?\d+/, '"source_rows": 5'))
    expect(await readTables()).toEqual(ALL)
    await rm(homePaths(home()).manifest(`r${runs}`), { force: true })
    expect(await readTables()).toEqual(ALL)
  })
})

test('all is read where it is asked for', async () => {
  expect(await readTables({ full_refresh: true })).toEqual(ALL)
  expect(await readTables({ reconcile: 'never' })).toEqual(ALL)
  // Without reconciling, nobody knows whether raw is as the source.
  await byHand("insert into raw_data.bookmark_resets values ('apartments')")
  expect(await readTables()).toContain('apartments')
})
