import { expect, test } from 'vitest'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'

test('where things lie under a home; the keys of the lake are the same on every target', () => {
  const paths = homePaths('/h')
  expect(paths).toMatchObject({
    home: '/h',
    warehouse: '/h/warehouse.duckdb',
    next: '/h/warehouse.next.duckdb',
    work: '/h/tmp',
  })
  expect([paths.run('r-1'), paths.manifest('r-1'), paths.sample(0.02)]).toEqual([
    '/h/runs/r-1',
    '/h/runs/r-1/manifest.json',
    '/h/sample/0.02',
  ])
  expect([paths.lake('bookings', 'r-1'), paths.rejected('bookings', 'r-1')]).toEqual([
    'data/raw/bookings/run_id=r-1',
    'data/rejected/bookings/run_id=r-1',
  ])
})
