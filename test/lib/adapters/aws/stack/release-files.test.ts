import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { releaseFiles } from '../../../../../src/lib/adapters/aws/stack/release-files.js'

const jobs = { 'extract_raw.py': 'a', 'rental_etl/__init__.py': '', 'rental_etl/typing.py': 'b' }

test('scripts, the library as an archive, and the document, under a name that is made of them', () => {
  const { prefix, files } = releaseFiles(jobs, { schema_version: 3 })
  expect(prefix).toMatch(/^scripts\/[0-9a-f]{16}$/)
  const names = files.map(({ key }) => key.slice(prefix.length + 1))
  expect(names).toEqual(['extract_raw.py', 'rental_etl.zip', 'release.json'])
  const library = unzipSync(files[1]?.body ?? new Uint8Array())
  expect(Object.entries(library).map(([path, body]) => [path, strFromU8(body)])).toEqual([
    ['rental_etl/__init__.py', ''],
    ['rental_etl/typing.py', 'b'],
  ])
})

test('the same files have the same name whenever it is made, and others another', () => {
  const { prefix } = releaseFiles(jobs, {})
  expect(releaseFiles(Object.fromEntries(Object.entries(jobs).toReversed()), {}).prefix).toBe(prefix)
  expect(releaseFiles({ ...jobs, 'rental_etl/typing.py': 'c' }, {}).prefix).not.toBe(prefix)
  expect(releaseFiles(jobs, { a: 1 }).prefix).not.toBe(prefix)
})
