import { expect, test } from 'vitest'
import { emptyFlow, isPlanned, LAYER_NAMES, LAYERS, type LayerName } from '../../../../src/lib/core/run/run.js'

test('the layers in their order, with the states and jobs of architecture.md', () => {
  expect(LAYERS).toEqual([
    { layer: 'extract', state: 'ExtractRaw', job: 'extract_raw' },
    { layer: 'raw', state: 'LoadRaw', job: 's3_to_redshift_raw' },
    { layer: 'curated', state: 'CuratedLayer', job: 'redshift_raw_to_curated' },
  ])
  expect(LAYER_NAMES).toEqual(['extract', 'raw', 'curated'])
})

test.each<[LayerName, LayerName, LayerName[]]>([
  ['extract', 'curated', ['extract', 'raw', 'curated']],
  ['extract', 'extract', ['extract']],
  ['raw', 'raw', ['raw']],
  ['raw', 'curated', ['raw', 'curated']],
  ['curated', 'curated', ['curated']],
  ['curated', 'extract', []],
])('from %s to %s', (from, to, planned) => {
  expect(LAYER_NAMES.filter((layer) => isPlanned(layer, from, to))).toEqual(planned)
})

test('an empty flow has every key of cli.md §3, and shares nothing with another', () => {
  const flow = emptyFlow('bookings')
  expect(flow).toEqual({
    table: 'bookings',
    rows_in: 0,
    rows_out: 0,
    inserted: 0,
    late: 0,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    superseded: 0,
    quarantined: {},
    nullified: {},
    filtered: {},
    unexplained: 0,
  })
  flow.quarantined['bad_row:fields'] = 1
  expect(emptyFlow('bookings').quarantined).toEqual({})
})
