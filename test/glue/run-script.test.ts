import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { manifestHash } from '../../src/lib/adapters/local/jobs/manifest-file.js'
import { SOURCE_TABLES, type SourceTableName } from '../../src/lib/core/model.js'
import { stagingStatements } from '../../src/lib/core/release/redshift-tables.js'
import type { Manifest, ManifestTable } from '../../src/lib/core/run/manifest.js'
import { emptyFlow } from '../../src/lib/core/run/run.js'
import { loadScript } from '../../src/lib/core/sql/load-script.js'
import { redshiftFaults } from '../support/redshift-faults.js'
import { scriptEngine } from '../support/script-engine.js'
import { type Rule, runScript, type Told } from './run-script.js'

const table = (name: string, more: Partial<ManifestTable> = {}): ManifestTable => ({
  table: name,
  source_rows: 7,
  unchanged: 7,
  extracted: 0,
  tombstones: 0,
  copies: false,
  full: false,
  rejected: 0,
  rejected_by_rule: {},
  cleared: 0,
  truncated: {},
  drift: ['größe\u2028"\u0007'],
  absent: [],
  files: [],
  rejected_files: [],
  schema_hash: 'h',
  ...more,
})

const file = (path: string, body: string, rows: number) => ({ path, bytes: body.length, rows, sha256: 'x' })
// On the second page of its folder.
const BOOKINGS = 'data/raw/bookings/run_id=r-1/part-2.parquet'
const BAD = 'data/rejected/bookings/run_id=r-1/part-0.parquet'
const FILES = {
  [BOOKINGS]: 'four',
  [BAD]: 'bad',
  [BOOKINGS.replace('-2', '-0')]: 'x',
  [BOOKINGS.replace('-2', '-1')]: 'y',
}

const changed: Manifest = {
  version: 1,
  run_id: 'r-1',
  as_of: '2024-05-31',
  reconciled: true,
  raw_seq: 4,
  tables: SOURCE_TABLES.map(({ name }) =>
    name === 'bookings'
      ? table(name, {
          extracted: 3,
          rejected: 1,
          files: [file(BOOKINGS, 'four', 3)],
          rejected_files: [file(BAD, 'bad', 1)],
        })
      : table(name),
  ),
}
const unchanged: Manifest = { ...changed, tables: SOURCE_TABLES.map(({ name }) => table(name)) }

const stored = (manifest: Manifest) => ({
  [`runs/${manifest.run_id}/manifest.json`]: `${JSON.stringify(manifest, undefined, 2)}\n`,
})

const lastLoad = (row: Record<string, unknown> = {}): Rule => ({
  match: 'as newest',
  rows: [{ seq: 4, run_id: 'r-0', manifest_hash: 'other', reconciled: true, rewinds: 0, ...row }],
})
const copied = (rows = 3): Rule[] => [
  { match: '^select count.*load_bookings', rows: [{ n: rows }] },
  { match: '^select count.*load_rejects', rows: [{ n: 1 }] },
]
const counts: Rule = {
  match: 'from load_counts group by',
  rows: [
    { table_name: 'bookings', effect: 'rows_in', detail: null, n: '3', superseded: '0' },
    { table_name: 'bookings', effect: 'rejected', detail: null, n: '1', superseded: '0' },
    { table_name: 'bookings', effect: 'inserted', detail: null, n: '1', superseded: '1' },
    { table_name: 'bookings', effect: 'updated', detail: 'num_guests', n: '1', superseded: '0' },
    { table_name: 'bookings', effect: 'late', detail: null, n: '1', superseded: '0' },
    { table_name: 'bookings', effect: 'quarantined', detail: 'bad_value:total_price', n: '1', superseded: '0' },
  ],
}
const LOAD = ['--JOB_NAME', 'x-s3_to_redshift_raw']
const good = { args: LOAD, objects: { ...stored(changed), ...FILES } }
const failure = ({ events, code, stderr }: Told) => {
  const { event, ...error } = events.at(-1) ?? { event: '' }
  expect(event).toBe('failed')
  expect(code).not.toBe(0)
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(`${error.code}: ${error.message}`)
  return error
}

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

const state = (rows: number) =>
  SOURCE_TABLES.map(({ name }) => ({
    ...{
      table_name: name,
      seq: 4,
      bookmark_seq: 0,
      rows: name === 'bookings' ? rows : 0,
      single: String(rows),
      position: name === 'bookings' ? '9' : null,
    },
    ...{ reset: false, rewound: false, rewind: null },
  }))

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
