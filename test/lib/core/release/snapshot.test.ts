import { afterAll, beforeAll, expect, test } from 'vitest'
import { SOURCE_TABLES } from '../../../../src/lib/core/model.js'
import { redshiftText } from '../../../../src/lib/core/release/redshift-text.js'
import { snapshotQueries } from '../../../../src/lib/core/release/snapshot.js'
import { portableFaults } from '../../../support/portable-sql.js'
import { redshiftFaults } from '../../../support/redshift-faults.js'
import { type ScriptEngine, scriptEngine } from '../../../support/script-engine.js'

let engines: ScriptEngine[]
const queries = snapshotQueries()

beforeAll(async () => {
  engines = [await scriptEngine('duckdb'), await scriptEngine('postgres')]
})
afterAll(async () => {
  for (const engine of engines) await engine.close()
})

test('of an empty warehouse every table has a row that says so', async () => {
  for (const engine of engines) {
    const rows = await engine.rows(queries.state)
    expect(rows.map(({ table_name }) => table_name).sort()).toEqual(SOURCE_TABLES.map(({ name }) => name).sort())
    const { table_name: _, ...state } = rows[0] ?? {}
    expect(state).toEqual({
      ...{ seq: '0', bookmark_seq: '0', rows: '0', single: '0', position: null },
      ...{ reset: 'false', rewound: 'false', rewind: null },
    })
  }
})

test('rows, those without copies, where raw ends, and what waits', async () => {
  for (const engine of engines) {
    for (const [id, superseded] of [
      [1, 0],
      [9, 2],
      [10, 0],
    ])
      await engine.run(
        `insert into raw_data.stg_bookings (booking_id, _load_seq, _run_id, _position, _superseded) values (${id}, 3, 'r', 0, ${superseded})`,
      )
    await engine.run(`insert into raw_data.load_log (seq, table_name) values (3, 'bookings')`)
    await engine.run(`insert into raw_data.bookmark_changes (seq, table_name) values (7, 'apartments')`)
    await engine.run(`insert into raw_data.bookmark_resets values ('apartments')`)
    await engine.run(`insert into raw_data.bookmark_rewinds values ('bookings', '5')`)
    await engine.run(
      `insert into raw_data.quarantine (id, table_name, rule, key_text, row_text, occurrence) values (1, 'bookings', 'r', 'k', 't', 1)`,
    )
    await engine.run(
      `insert into raw_data.quarantine (id, table_name, rule, key_text, row_text, occurrence, cleared_run_id) values (2, 'bookings', 'r', 'k', 'u', 1, 'r')`,
    )
    const rows = await engine.rows(queries.state)
    const of = (name: string) => rows.find(({ table_name }) => table_name === name)
    const known = { seq: '3', bookmark_seq: '7' }
    expect(of('bookings')).toEqual({
      ...{ table_name: 'bookings', ...known, rows: '3', single: '2', position: '10' },
      ...{ reset: 'false', rewound: 'true', rewind: '5' },
    })
    expect(of('apartments')).toMatchObject({ ...known, rows: '0', reset: 'true', rewound: 'false', rewind: null })
    expect(await engine.rows(queries.raw.bookings ?? '')).toHaveLength(3)
    expect((await engine.rows(queries.rejects)).map(({ row_text }) => row_text)).toEqual(['t'])
  }
})

test('they are portable, and nothing in them is refused', () => {
  for (const sql of [queries.state, queries.rejects, ...Object.values(queries.raw)])
    expect([...portableFaults(sql), ...redshiftFaults(redshiftText(sql))]).toEqual([])
})
