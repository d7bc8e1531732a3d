import { expect, test } from 'vitest'
import { readJobFiles } from '../../../../src/lib/adapters/files/job-files.js'

test('scripts and library of the jobs, and nothing that Python has left beside them', async () => {
  const paths = Object.keys(await readJobFiles())
  expect(paths).toEqual(expect.arrayContaining(['extract_raw.py', 'run_script.py', 'rental_etl/__init__.py']))
  expect(paths.filter((path) => !/^(rental_etl\/)?\w+\.py$/.test(path))).toEqual([])
})
