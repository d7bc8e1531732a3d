import { expect } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import type { Manifest, ManifestTable } from '../../src/lib/core/run/manifest.js'
import type { Rule, Told } from './run-script.js'

/** A manifest, its files, and how the warehouse answers; what the load did comes last. */
export const table = (name: string, more: Partial<ManifestTable> = {}): ManifestTable => ({
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

export const file = (path: string, body: string, rows: number) => ({ path, bytes: body.length, rows, sha256: 'x' })
// On the second page of its folder.
export const BOOKINGS = 'data/raw/bookings/run_id=r-1/part-2.parquet'
export const BAD = 'data/rejected/bookings/run_id=r-1/part-0.parquet'
export const FILES = {
  [BOOKINGS]: 'four',
  [BAD]: 'bad',
  [BOOKINGS.replace('-2', '-0')]: 'x',
  [BOOKINGS.replace('-2', '-1')]: 'y',
}

export const changed: Manifest = {
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
export const unchanged: Manifest = { ...changed, tables: SOURCE_TABLES.map(({ name }) => table(name)) }

export const stored = (manifest: Manifest) => ({
  [`runs/${manifest.run_id}/manifest.json`]: `${JSON.stringify(manifest, undefined, 2)}\n`,
})

export const lastLoad = (row: Record<string, unknown> = {}): Rule => ({
  match: 'as newest',
  rows: [{ seq: 4, run_id: 'r-0', manifest_hash: 'other', reconciled: true, rewinds: 0, ...row }],
})
export const copied = (rows = 3): Rule[] => [
  { match: '^select count.*load_bookings', rows: [{ n: rows }] },
  { match: '^select count.*load_rejects', rows: [{ n: 1 }] },
]
export const counts: Rule = {
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
export const LOAD = ['--JOB_NAME', 'x-s3_to_redshift_raw']
export const good = { args: LOAD, objects: { ...stored(changed), ...FILES } }
export const failure = ({ events, code, stderr }: Told) => {
  const { event, ...error } = events.at(-1) ?? { event: '' }
  expect(event).toBe('failed')
  expect(code).not.toBe(0)
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(`${error.code}: ${error.message}`)
  return error
}

export const state = (rows: number) =>
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
