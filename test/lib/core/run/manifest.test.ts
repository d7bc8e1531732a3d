import { expect, test } from 'vitest'
import { isEmpty, type Manifest, type ManifestTable } from '../../../../src/lib/core/run/manifest.js'

const table = (changes: Partial<ManifestTable> = {}): ManifestTable => ({
  table: 'bookings',
  source_rows: 9,
  unchanged: 9,
  extracted: 0,
  tombstones: 0,
  copies: false,
  full: false,
  rejected: 0,
  rejected_by_rule: {},
  cleared: 0,
  truncated: {},
  drift: [],
  absent: [],
  files: [],
  rejected_files: [],
  schema_hash: 'h',
  ...changes,
})
const manifest = (...tables: ManifestTable[]): Manifest => ({
  version: 1,
  run_id: 'r-1',
  as_of: '2026-05-03',
  reconciled: true,
  raw_seq: 4,
  tables,
})

test('rows that raw holds already, texts that were cut, drift and absent columns change nothing', () => {
  expect(isEmpty(manifest(table(), table({ truncated: { title: 1 }, drift: ['extra'], absent: ['title'] })))).toBe(true)
})

test.each<Partial<ManifestTable>>([
  { extracted: 1 },
  { tombstones: 1 },
  { rejected: 1 },
  { cleared: 1 },
  { full: true },
])('one table with %j does', (changes) => {
  expect(isEmpty(manifest(table(), table(changes)))).toBe(false)
})
