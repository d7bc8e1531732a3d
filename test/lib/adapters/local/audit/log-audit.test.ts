import { describe, expect, test } from 'vitest'
import { auditDigests } from '../../../../../src/lib/adapters/local/audit/log-audit.js'
import { keepDigests } from '../../../../../src/lib/adapters/local/engine/digest.js'
import { SOURCE_TABLES } from '../../../../../src/lib/core/model.js'
import { emptyWarehouse } from '../../../../support/memory-database.js'

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
