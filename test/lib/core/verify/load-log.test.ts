import { describe, expect, test } from 'vitest'
import type { Manifest, ManifestTable } from '../../../../src/lib/core/run/manifest.js'
import { checkLoadLog } from '../../../../src/lib/core/verify/load-log.js'
import type { Load, LogRow } from '../../../../src/lib/core/verify/loads.js'

const ENTRY = { table: 'bookings', source_rows: 10, unchanged: 4, extracted: 5, rejected: 1, full: false }
const ROW: LogRow = {
  ...{ seq: '3', run_id: 'r-1', table_name: 'bookings', manifest_hash: 'h' },
  ...{ source_rows: '10', source_unchanged: '4', rows_in: '6', reconciled: true, full_refresh: false },
  loaded_at: '2026-06-30T02:10:00Z',
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
    expect(checkLoadLog([load({})])).toMatchObject({ name: 'load_log_as_loaded', status: 'pass', bad_rows: 0 })
  })

  test.each([
    ['source_rows', '11', '10'],
    ['source_unchanged', '5', '4'],
    ['rows_in', '5', '6'],
    ['reconciled', false, 'true'],
    ['full_refresh', true, 'false'],
  ])('another %s is red, and says what was loaded', (column, logged, loaded) => {
    expect(checkLoadLog([load({}), load({ [column]: logged })])).toMatchObject({
      status: 'fail',
      bad_rows: 1,
      sample: [{ table: 'bookings', seq: '3', column, logged, loaded }],
    })
  })

  test('without reconciling nobody knows how many rows the source has; with a full refresh, they are known', () => {
    const odd = { source_rows: '999', reconciled: false }
    expect(checkLoadLog([load(odd, { reconciled: false })]).status).toBe('pass')
    const full = { entry: { full: true }, reconciled: false }
    expect(checkLoadLog([load({ ...odd, full_refresh: true }, full)]).sample).toMatchObject([{ column: 'source_rows' }])
  })

  test('where the manifest is gone, or is another, there is nothing to compare with: other checks tell that', () => {
    const wrong = { rows_in: '5' }
    expect(checkLoadLog([load(wrong, { manifest: undefined })]).status).toBe('pass')
    expect(checkLoadLog([load(wrong, { changed: true })]).status).toBe('pass')
    expect(checkLoadLog([load(wrong, { entry: { table: 'apartments' } })]).status).toBe('pass')
  })
})
