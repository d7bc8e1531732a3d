import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { stagingStatements } from '../../src/lib/core/release/redshift-tables.js'
import { emptyFlow } from '../../src/lib/core/run/run.js'
import { redshiftFaults } from '../support/redshift-faults.js'
import { scriptEngine } from '../support/script-engine.js'
import { copied, counts, failure, good, LOAD, lastLoad, state } from './load-fixtures.js'
import { type Rule, runScript } from './run-script.js'

test('statements of the jobs themselves have nothing that Redshift refuses, and run', async () => {
  const told = await runScript({ ...good, rules: [lastLoad(), ...copied(), counts] })
  const look = await runScript({
    args: ['--step', 'curated'],
    rules: [{ match: 'as must_rebuild', rows: [{ must_rebuild: false, changed: true, empty: false }] }],
  })
  const snapshot = await runScript({
    args: ['--step', 'snapshot'],
    rules: [
      { match: 'as single', rows: state(3) },
      { match: 'from raw_data.quarantine', rows: [{ n: 2 }] },
    ],
  })
  const own = [
    told.batches[0]?.Sqls[0],
    told.batches[2]?.Sqls[0],
    look.batches[1]?.Sqls[0],
    snapshot.batches[0]?.Sqls[1],
  ] as string[]
  const engine = await scriptEngine('postgres')
  for (const sql of own) expect({ sql, faults: redshiftFaults(sql) }).toEqual({ sql, faults: [] })
  const [none] = await engine.rows(own[0] ?? '')
  expect(none).toEqual({ seq: null, run_id: null, manifest_hash: null, reconciled: null, rewinds: '0' })
  await engine.run(
    `insert into raw_data.load_log (seq, run_id, table_name, manifest_hash, reconciled) values (1, 'a', 'bookings', 'x', false), (2, 'b', 'bookings', 'y', true)`,
  )
  expect(await engine.rows(own[0] ?? '')).toEqual([
    { seq: '2', run_id: 'b', manifest_hash: 'y', reconciled: 'true', rewinds: '0' },
  ])
  for (const statement of stagingStatements()) await engine.run(statement)
  // Nothing has been copied, and curated is not built: both guards hold back.
  await expect(engine.rows(own[1] ?? '')).rejects.toThrow('staging is not as copied')
  await expect(engine.rows(own[2] ?? '')).rejects.toThrow('curated has moved on')
  expect(await engine.rows(own[3] ?? '')).toEqual([{ n: '0' }])
  await engine.close()
})

describe('the snapshot', () => {
  const args = [...LOAD, '--step', 'snapshot']
  const none = { match: 'from raw_data.quarantine', rows: [{ n: 0 }] }

  test('unloads what is not empty in the transaction that tells the state, in place of an earlier one', async () => {
    const objects = { 'glue/temp/r-1/raw/bookings/old.parquet': 'x', 'glue/temp/r-10/state.json': 'kept' }
    const told = await runScript({
      args,
      objects,
      rules: [
        { match: 'as single', rows: state(3) },
        { ...none, rows: [{ n: 2 }] },
      ],
    })
    expect(told).toMatchObject({ code: 0, stderr: '' })
    const [look, snapshot] = told.batches.map(({ Sqls }) => Sqls)
    expect(snapshot?.slice(0, 2)).toEqual(look)
    const role = `iam_role 'arn:aws:iam::123456789012:role/copy' format as parquet allowoverwrite`
    expect(snapshot?.slice(2)).toEqual([
      expect.stringMatching(
        /^unload \('select "booking_id", .*"num_guests", _superseded, _nullified from raw_data.stg_bookings'\) to 's3:\/\/b\/glue\/temp\/r-1\/raw\/bookings\/' /,
      ),
      `unload ('select table_name, rule, key_text, row_text, occurrence from raw_data.quarantine where cleared_run_id is null') to 's3://b/glue/temp/r-1/rejects/' ${role}`,
    ])
    expect(Object.keys(told.objects).filter((key) => key.startsWith('glue/temp'))).toEqual([
      'glue/temp/r-10/state.json',
      'glue/temp/r-1/state.json',
    ])
    expect(JSON.parse(told.objects['glue/temp/r-1/state.json'] ?? '')).toEqual(
      state(3).map((row) => ({ ...row, single: Number(row.single) })),
    )
  })

  test('what an attempt that failed has unloaded is gone before the next one', async () => {
    const first = {
      match: '^unload .*stg_bookings',
      leaves: 'glue/temp/r-1/raw/bookings/0003_part_00.parquet',
      times: 1,
    }
    const conflict = { match: '^unload .*quarantine', fail: 'ERROR: 1023 Serializable isolation violation', times: 1 }
    const second = { match: '^unload .*stg_bookings', leaves: 'glue/temp/r-1/raw/bookings/0000_part_00.parquet' }
    const rules = [first, second, conflict, { match: 'as single', rows: state(3) }, { ...none, rows: [{ n: 2 }] }]
    const told = await runScript({ args, rules })
    expect(told.code).toBe(0)
    expect(
      Object.keys(told.objects)
        .filter((key) => key.startsWith('glue/temp'))
        .sort(),
    ).toEqual(['glue/temp/r-1/raw/bookings/0000_part_00.parquet', 'glue/temp/r-1/state.json'])
  })

  test('is taken again where a table has got rows meanwhile', async () => {
    const told = await runScript({
      args,
      rules: [{ match: 'as single', rows: state(0), times: 1 }, { match: 'as single', rows: state(3) }, none],
    })
    expect(told.batches.map(({ Sqls }) => Sqls.length)).toEqual([2, 2, 3])
    expect(told.code).toBe(0)
  })
})

describe('the curated layer', () => {
  const args = ['--JOB_NAME', 'redshift_raw_to_curated', '--copy_role', '']
  const look = (row: Record<string, boolean>): Rule => ({
    match: 'as must_rebuild',
    rows: [{ must_rebuild: false, changed: true, empty: false, ...row }],
  })
  const built: Rule = {
    match: 'from build_counts$',
    rows: [
      { table_name: 'fact_bookings', effect: 'rows_in', n: '5' },
      { table_name: 'fact_bookings', effect: 'inserted', n: '3' },
      { table_name: 'fact_bookings', effect: 'not_confirmed:pending', n: '2' },
      { table_name: 'fact_bookings', effect: 'deleted', n: '1' },
      { table_name: 'dim_listings', effect: 'beside:no_apartment', n: '4' },
    ],
  }

  test.each([
    ['incremental', {}, false],
    ['full', {}, true],
    ['full', { must_rebuild: true }, false],
    ['first', { must_rebuild: true, empty: true }, false],
  ] as const)('is built %s of %j, asked to rebuild: %s', async (mode, row, rebuild_curated) => {
    const told = await runScript({ args, request: { rebuild_curated }, rules: [look(row), built] })
    expect(told).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(told.objects['runs/r-1/curated.json'] ?? '')).toMatchObject({
      state: { mode, as_of: '2024-05-31' },
      counts: built.rows,
    })
    const flows = told.events.filter(({ event }) => event === 'table_done').map(({ flow }) => flow)
    expect(flows).toEqual([
      emptyFlow('dim_listings'),
      {
        ...emptyFlow('fact_bookings'),
        rows_in: 5,
        rows_out: 3,
        inserted: 3,
        deleted: 1,
        filtered: { 'not_confirmed:pending': 2 },
      },
      emptyFlow('fact_user_views'),
      emptyFlow('dim_users'),
    ])
    expect(told.batches[1]?.Sqls.length).toBeLessThanOrEqual(40)
    expect(told.batches[1]?.Sqls.join('\n')).toContain(`select 'r-1', cast('2024-05-31' as date)`)
  })

  test('is looked at again where a load came between, and fails where it does not balance', async () => {
    const moved = {
      match: 'curated has moved on',
      fail: 'ERROR: invalid input syntax for integer: "curated has moved on"',
      times: 1,
    }
    const told = await runScript({
      args,
      rules: [moved, { ...look({}), times: 1 }, look({ must_rebuild: true }), built],
    })
    expect(JSON.parse(told.objects['runs/r-1/curated.json'] ?? '')).toMatchObject({ state: { mode: 'full' } })
    const unbalanced = {
      match: 'curated does not balance',
      fail: 'ERROR: invalid input syntax for integer: "curated does not balance"',
    }
    expect(failure(await runScript({ args, rules: [unbalanced, look({}), built] }))).toMatchObject({
      code: 'UNBALANCED',
      message: 'curated does not balance; nothing was changed',
    })
  })
})

describe('arguments', () => {
  test.each([
    [
      'no step and a job of another name',
      { args: ['--JOB_NAME', 'other'] },
      `--step takes snapshot, load or curated; it is '', of job 'other'`,
    ],
    [
      'a step that there is not',
      { args: ['--step', 'all'] },
      `--step takes snapshot, load or curated; it is 'all', of job ''`,
    ],
    [
      'both a workgroup and a cluster',
      { args: [...LOAD, '--cluster', 'c'] },
      'the job takes one of --workgroup and --cluster',
    ],
    [
      'an empty value before another name',
      { args: [...LOAD, '--bucket', '', '--copy-role', 'x'] },
      'the job lacks the argument --bucket',
    ],
    [
      'a flag without a value',
      { args: [...LOAD, '--release', '--enable-metrics'] },
      'the job lacks the argument --release',
    ],
    ['a request that is none', { args: [...LOAD, '--request=[1]'] }, '--request is no JSON object: [1]'],
    [
      'a run id that is no name',
      { args: LOAD, request: { run_id: "r'; drop table x; --" } },
      `a request names its run; run_id is "r'; drop table x; --"`,
    ],
    [
      'a run id with folders',
      { args: LOAD, request: { manifest_run: '../x' } },
      `a request names its run; manifest_run is '../x'`,
    ],
    [
      'an as-of date that is none',
      { args: LOAD, request: { as_of: '2024-02-30' } },
      '"2024-02-30" is no as-of date: it takes YYYY-MM-DD from 1900-01-01 to 2199-12-31',
    ],
  ])('%s', async (_, given, message) => {
    const told = await runScript(given)
    expect(failure(told)).toMatchObject({ code: 'USAGE', message })
    expect(told.batches).toEqual([])
  })

  test('a moment is the day before it, and a cluster with a secret is told so', async () => {
    const told = await runScript({
      args: ['--step=curated', '--workgroup', '', '--cluster', 'c', '--db-secret', 'arn:x', '--JOB_RUN_ID', 'jr'],
      request: { as_of: '2024-03-01T00:00:00.123Z' },
      rules: [{ match: 'as must_rebuild', rows: [{ must_rebuild: true, changed: false, empty: true }] }],
    })
    expect(told.code).toBe(0)
    expect(told.batches[0]).toMatchObject({ ClusterIdentifier: 'c', SecretArn: 'arn:x', Database: 'dev' })
    expect(told.batches[0]).not.toHaveProperty('WorkgroupName')
    expect(told.batches[0]?.ClientToken).toBe(createHash('sha256').update('r-1/jr/look at curated/1').digest('hex'))
    expect(JSON.parse(told.objects['runs/r-1/curated.json'] ?? '')).toMatchObject({ state: { as_of: '2024-02-29' } })
  })

  test('a release that is gone is told', async () => {
    expect(failure(await runScript({ args: [...LOAD, '--release', 'scripts/gone.json'] }))).toMatchObject({
      code: 'NOT_FOUND',
      message: 's3://b/scripts/gone.json is gone',
      suggestions: ['rental-etl bootstrap'],
    })
  })
})
