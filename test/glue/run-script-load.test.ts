import { describe, expect, test } from 'vitest'
import { manifestHash } from '../../src/lib/adapters/files/manifest-hash.js'
import { SOURCE_TABLES, type SourceTableName } from '../../src/lib/core/model.js'
import { emptyFlow } from '../../src/lib/core/run/run.js'
import { loadScript } from '../../src/lib/core/sql/load-script.js'
import {
  BAD,
  BOOKINGS,
  changed,
  copied,
  counts,
  FILES,
  failure,
  good,
  LOAD,
  lastLoad,
  stored,
  unchanged,
} from './load-fixtures.js'
import { runScript } from './run-script.js'

describe('the load', () => {
  test('copies the files, and changes raw in one transaction with the steps of the local load', async () => {
    const told = await runScript({ ...good, rules: [lastLoad(), ...copied(), counts] })
    expect(told).toMatchObject({ code: 0, stderr: '' })
    const [, copy, load] = told.batches.map(({ Sqls }) => Sqls)
    expect(told.batches.map(({ StatementName }) => StatementName)).toEqual([
      'rental-etl look at raw',
      'rental-etl copy',
      'rental-etl load',
    ])
    expect(copy).toEqual([
      'delete from raw_data.load_bookings',
      `copy raw_data.load_bookings from 's3://b/runs/r-1/copy/bookings.manifest' iam_role 'arn:aws:iam::123456789012:role/copy' format as parquet manifest`,
      'select count(*) as n from raw_data.load_bookings',
      'delete from raw_data.load_rejects',
      `copy raw_data.load_rejects from 's3://b/runs/r-1/copy/rejects.manifest' iam_role 'arn:aws:iam::123456789012:role/copy' format as parquet manifest`,
      'select count(*) as n from raw_data.load_rejects',
    ])
    const modes = {
      apartments: 'none',
      apartment_attributes: 'none',
      bookings: 'changes',
      user_viewing: 'none',
    } as const
    const local = loadScript({ modes: modes as Record<SourceTableName, 'none' | 'changes'>, rejects: true })
    expect(load).toHaveLength(local.length + 1)
    expect(load?.[0]).toContain(
      '(select count(*) from raw_data.load_bookings) = 3 and (select count(*) from raw_data.load_rejects) = 1',
    )
    expect(load?.[1]).toBe(
      `select cast(case when coalesce(max(seq), 0) = 4 then '1' else 'raw has moved on' end as integer) as holds from raw_data.load_log`,
    )
    expect(load?.join('\n')).not.toContain('{{')
    expect(load?.join('\n')).toContain(`'${manifestHash(changed)}'`)
    expect(told.batches.every(({ WorkgroupName, Database }) => WorkgroupName === 'wg' && Database === 'dev')).toBe(true)
    const flow = {
      ...emptyFlow('stg_bookings'),
      ...{ rows_in: 4, rows_out: 2, inserted: 1, updated: 1, late: 1, superseded: 1 },
      ...{ nullified: { num_guests: 1 }, quarantined: { 'bad_value:total_price': 1 } },
    }
    const done = told.events.filter(({ event }) => event === 'table_done')
    expect(done).toEqual(
      SOURCE_TABLES.map(({ name, raw }) => ({
        event: 'table_done',
        layer: 'raw',
        flow: name === 'bookings' ? flow : emptyFlow(raw),
      })),
    )
    const written = JSON.parse(told.objects['runs/r-1/raw.json'] ?? '')
    expect(written).toEqual({
      run_id: 'r-1',
      state: { seq: 5, manifest_run: 'r-1', manifest_hash: manifestHash(changed) },
      counts: counts.rows,
      tables: done.map((event) => event.flow),
    })
  })

  test('does a batch again, whole and under another token, where another transaction came first', async () => {
    const conflict = {
      match: '^insert into raw_data.load_log',
      fail: 'ERROR: 1023 Detail: Serializable isolation violation on table',
      times: 2,
    }
    const told = await runScript({ ...good, rules: [conflict, lastLoad(), ...copied(), counts] })
    expect(told.code).toBe(0)
    const loads = told.batches.filter(({ StatementName }) => StatementName === 'rental-etl load')
    expect(loads.map(({ done }) => done)).toEqual([false, false, true])
    expect(new Set(loads.map(({ Sqls }) => JSON.stringify(Sqls))).size).toBe(1)
    const tokens = told.batches.map(({ ClientToken }) => ClientToken)
    expect(new Set(tokens).size).toBe(tokens.length)
    expect(tokens.every((token) => token.length <= 64)).toBe(true)
  })

  test('gives up where that goes on, and says what the database said', async () => {
    const conflict = { match: '^insert into raw_data.load_log', fail: 'ERROR: 1023 Serializable isolation violation' }
    const told = await runScript({ ...good, rules: [conflict, lastLoad(), ...copied(), counts] })
    expect(failure(told)).toMatchObject({
      code: 'JOB_FAILED',
      message: `step 'write the load log' of load failed, nothing was changed: ERROR: 1023 Serializable isolation violation`,
    })
    expect(told.batches.filter(({ StatementName }) => StatementName === 'rental-etl load')).toHaveLength(6)
    expect(told.objects['runs/r-1/raw.json']).toBeUndefined()
  })

  test.each([
    ['on the leader', 'ERROR: invalid input syntax for integer: "raw does not balance"'],
    ['on a node, which names the first letter alone', `ERROR: Invalid digit, Value 'r', Pos 0, Type: Integer`],
  ])('a guard that fails %s is told by its message', async (_, fail) => {
    const told = await runScript({
      ...good,
      rules: [{ match: 'raw does not balance', fail }, lastLoad(), ...copied(), counts],
    })
    expect(failure(told)).toEqual({
      code: 'UNBALANCED',
      message: 'raw does not balance; nothing was changed',
      suggestions: ['rental-etl run --full-refresh'],
    })
  })

  test('a statement that fails in the middle is named, with the reason', async () => {
    const told = await runScript({
      ...good,
      rules: [
        { match: '^delete from raw_data.stg_bookings', fail: 'ERROR: disk full' },
        lastLoad(),
        ...copied(),
        counts,
      ],
    })
    expect(failure(told)).toMatchObject({
      code: 'JOB_FAILED',
      message: `step 'bookings: take out' of load failed, nothing was changed: ERROR: disk full`,
    })
    const denied = await runScript({
      ...good,
      rules: [{ match: '^copy', fail: 'ERROR: permission denied for relation load_bookings' }, lastLoad()],
    })
    expect(failure(denied)).toMatchObject({ code: 'ACCESS' })
  })

  test('an extract that was compared with an older raw is stale, also where that is seen in the transaction', async () => {
    const stale = {
      code: 'STALE_EXTRACT',
      message: 'the extract of run r-1 was compared with load 4, but raw is at load 6 (run r-5)',
    }
    const now = lastLoad({ seq: 6, run_id: 'r-5' })
    const before = await runScript({ ...good, rules: [now] })
    expect(failure(before)).toMatchObject(stale)
    expect(before.batches).toHaveLength(1)
    const guard = { match: 'raw has moved on', fail: 'ERROR: invalid input syntax for integer: "raw has moved on"' }
    const during = await runScript({ ...good, rules: [guard, { ...lastLoad(), times: 1 }, now, ...copied()] })
    expect(failure(during)).toMatchObject(stale)
  })

  test('the very last manifest is loaded once more', async () => {
    const same = lastLoad({ seq: 9, run_id: 'r-1', manifest_hash: manifestHash(changed) })
    const told = await runScript({ ...good, rules: [same, ...copied(), counts] })
    expect(told.code).toBe(0)
    expect(told.batches[2]?.Sqls[1]).toContain('= 9 then')
  })

  test('a file that is gone, or is not of its size, is told before anything is copied', async () => {
    const { [BAD]: _, ...without } = FILES
    const gone = await runScript({ ...good, objects: { ...stored(changed), ...without }, rules: [lastLoad()] })
    expect(failure(gone)).toMatchObject({
      code: 'IO',
      message: `s3://b/${BAD} is gone; the extract of run r-1 cannot be loaded`,
    })
    const cut = await runScript({
      ...good,
      objects: { ...stored(changed), ...FILES, [BOOKINGS]: 'fou' },
      rules: [lastLoad()],
    })
    expect(failure(cut)).toMatchObject({
      code: 'IO',
      message: `s3://b/${BOOKINGS} is not as it was written; the extract of run r-1 cannot be loaded`,
    })
    expect(cut.batches).toHaveLength(1)
  })

  test('files of which COPY takes fewer rows than they hold change nothing', async () => {
    const told = await runScript({ ...good, rules: [lastLoad(), ...copied(2)] })
    expect(failure(told)).toMatchObject({
      code: 'UNBALANCED',
      message: 'raw_data.load_bookings took 2 rows from the files of run r-1, which hold 3; nothing was loaded',
    })
    expect(told.batches).toHaveLength(2)
  })

  test('nothing to load is nothing done, unless a rewind waits or the last load compared less', async () => {
    const objects = stored(unchanged)
    const idle = await runScript({ args: LOAD, objects, rules: [lastLoad()] })
    expect(idle.batches).toHaveLength(1)
    expect(idle.events[0]).toMatchObject({
      event: 'log',
      level: 'info',
      message: 'nothing to load: raw is as the source',
    })
    expect(idle.events.filter(({ event }) => event === 'table_done')).toHaveLength(4)
    for (const row of [{ rewinds: 1 }, { reconciled: false }]) {
      const told = await runScript({ args: LOAD, objects, rules: [lastLoad(row), { ...counts, rows: [] }] })
      expect(told.batches.map(({ StatementName }) => StatementName)).toEqual([
        'rental-etl look at raw',
        'rental-etl load',
      ])
    }
  })

  test('loads the manifest of another run, and says so under its own', async () => {
    const request = { run_id: 'r-2', manifest_run: 'r-1' }
    const told = await runScript({ ...good, request, rules: [lastLoad(), ...copied(), counts] })
    expect(told.batches[1]?.Sqls[1]).toContain('s3://b/runs/r-1/copy/bookings.manifest')
    expect(JSON.parse(told.objects['runs/r-2/raw.json'] ?? '')).toMatchObject({
      run_id: 'r-2',
      state: { manifest_run: 'r-1' },
    })
    const none = await runScript({ args: LOAD, request: { run_id: 'r-7' }, rules: [lastLoad()] })
    expect(failure(none)).toMatchObject({
      code: 'NOT_FOUND',
      message: 'run r-7 has no manifest: its extract was not finished',
    })
  })

  test('a service that is busy is asked again; one that refuses is not', async () => {
    const busy = { call: 'describe_statement|batch', refuse: 'ThrottlingException', times: 3 }
    expect((await runScript({ ...good, rules: [busy, lastLoad(), ...copied(), counts] })).code).toBe(0)
    const refused = await runScript({ ...good, rules: [{ call: 'batch', refuse: 'AccessDeniedException' }] })
    expect(failure(refused)).toMatchObject({
      code: 'ACCESS',
      message: 'the Data API refuses batch_execute_statement: An error occurred (AccessDeniedException)',
    })
  })
})
