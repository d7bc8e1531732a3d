import { describe, expect, test } from 'vitest'
import type { Load, LogRow } from '../../../../../src/lib/adapters/local/audit/loads.js'
import { auditDigests, auditLoadLog } from '../../../../../src/lib/adapters/local/audit/log-audit.js'
import { keepDigests } from '../../../../../src/lib/adapters/local/engine/digest.js'
import { SOURCE_TABLES } from '../../../../../src/lib/core/model.js'
import type { Manifest, ManifestTable } from '../../../../../src/lib/core/run/manifest.js'
import { emptyWarehouse } from '../../../../support/memory-database.js'

const ENTRY = { table: 'bookings', source_rows: 10, unchanged: 4, extracted: 5, rejected: 1, full: false }
const ROW: LogRow = {
  ...{ seq: '3', run_id: 'r-1', table_name: 'bookings', manifest_hash: 'h' },
  ...{ source_rows: '10', source_unchanged: '4', rows_in: '6', reconciled: true, full_refresh: false },
}

function load(
  row: Partial<LogRow>,
  more: { entry?: Partial<ManifestTable>; reconciled?: boolean } & Partial<Load> = {},
): Load {
  const { entry, reconciled = true, ...rest } = more
  const manifest = { reconciled, tables: [{ ...ENTRY, ...entry }] } as Manifest
  return { runId: 'r-1', rows: [{ ...ROW, ...row } as LogRow], manifest, changed: false, ...rest }
}

describe('the load log', () => {
  test('as it was loaded', () => {
    expect(auditLoadLog([load({})])).toMatchObject({ name: 'load_log_as_loaded', status: 'pass', bad_rows: 0 })
  })

  test.each([
    ['source_rows', '11', '10'],
    ['source_unchanged', '5', '4'],
    ['rows_in', '5', '6'],
    ['reconciled', false, 'true'],
    ['full_refresh', true, 'false'],
  ])('another %s is red, and says what was loaded', (column, logged, loaded) => {
    expect(auditLoadLog([load({}), load({ [column]: logged })])).toMatchObject({
      status: 'fail',
      bad_rows: 1,
      sample: [{ table: 'bookings', seq: '3', column, logged, loaded }],
    })
  })

  test('without reconciling nobody knows how many rows the source has; with a full refresh, they are known', () => {
    const odd = { source_rows: '999', reconciled: false }
    expect(auditLoadLog([load(odd, { reconciled: false })]).status).toBe('pass')
    const full = { entry: { full: true }, reconciled: false }
    expect(auditLoadLog([load({ ...odd, full_refresh: true }, full)]).sample).toMatchObject([{ column: 'source_rows' }])
  })

  test('where the manifest is gone, or is another, there is nothing to compare with: other checks tell that', () => {
    const wrong = { rows_in: '5' }
    expect(auditLoadLog([load(wrong, { manifest: undefined })]).status).toBe('pass')
    expect(auditLoadLog([load(wrong, { changed: true })]).status).toBe('pass')
    expect(auditLoadLog([load(wrong, { entry: { table: 'apartments' } })]).status).toBe('pass')
  })
})

describe('digests', () => {
  async function loaded() {
    const db = await emptyWarehouse()
    for (const { name } of SOURCE_TABLES)
      await db.run(`insert into raw_data.load_log (seq, table_name) values (1, '${name}')`)
    await db.run(keepDigests(1, SOURCE_TABLES))
    return db
  }
  const statuses = async (db: Awaited<ReturnType<typeof loaded>>) =>
    Object.fromEntries(
      (await auditDigests(db)).map(({ name, status }) => [name.replace('raw_digest_stg_', ''), status]),
    )
  const FINE = { apartments: 'pass', apartment_attributes: 'pass', bookings: 'pass', user_viewing: 'pass' }

  test('of tables as their last load has left them', async () => {
    expect(await statuses(await loaded())).toEqual(FINE)
  })

  test('of a table that was altered since, and what of it is in quarantine', async () => {
    const db = await loaded()
    await db.run(`insert into raw_data.quarantine (id, table_name) values (1, 'user_viewing')`)
    expect(await statuses(db)).toEqual({ ...FINE, user_viewing: 'fail' })
    const [bad] = (await auditDigests(db)).filter(({ status }) => status === 'fail')
    expect(bad).toMatchObject({ sample: [{ table: 'stg_user_viewing', problem: 'is not as its last load left it' }] })
    expect(bad?.sql).toMatch(/\n-- kept in raw_data\.load_log: 'v.*'$/)
  })

  test('the last load counts', async () => {
    const db = await loaded()
    await db.run(`insert into raw_data.load_log (seq, table_name, digest) select 0, 'bookings', version() || ' x'`)
    expect(await statuses(db)).toEqual(FINE)
    await db.run(`update raw_data.load_log set seq = 2 where seq = 0`)
    expect(await statuses(db)).toEqual({ ...FINE, bookings: 'fail' })
  })

  test('of another version of the engine, or none: not checked, and said so', async () => {
    const db = await loaded()
    await db.run(`update raw_data.load_log set digest = 'v0.0.1 ' || digest where table_name = 'bookings'`)
    await db.run(`update raw_data.load_log set digest = null where table_name = 'apartments'`)
    await db.run(`delete from raw_data.load_log where table_name = 'user_viewing'`)
    expect(await statuses(db)).toEqual({ apartments: 'skip', apartment_attributes: 'pass', bookings: 'skip' })
    const messages = (await auditDigests(db)).flatMap(({ status, sql }) => (status === 'skip' ? [sql] : []))
    expect(messages).toEqual([
      '-- not checked: its load has kept no digest; the next load of the table keeps one',
      '-- not checked: its digest is one of another version of the engine; the next load of the table keeps one',
    ])
  })

  test('of a table that cannot be looked at any more is red', async () => {
    const db = await loaded()
    await db.run('alter table raw_data.stg_bookings drop column total_price')
    expect(await statuses(db)).toEqual({ ...FINE, bookings: 'fail' })
  })
})
