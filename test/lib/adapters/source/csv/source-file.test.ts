import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCsv } from '../../../../../src/lib/adapters/source/csv/open-csv.js'
import { fingerprintOf, statSource } from '../../../../../src/lib/adapters/source/csv/source-file.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const { signal } = new AbortController()
const long = `1,"${'é'.repeat(800_000)}"\n`

test.each([
  ['a short file', 'a,b\n1,2\n'],
  ['a byte order mark', '\ufeffa,b\n1,2\n'],
  ['several chunks, and characters over their ends', `a,b\n${'1,héllo wörld\n'.repeat(200_000)}`],
  ['records longer than a chunk', `a,b\n${long.repeat(3)}`],
  ['a record that goes over chunks as it is carried along', `a,b\n${`1,${'x'.repeat(700_000)}\n`.repeat(5)}`],
])('the fingerprint that is taken on the way is that of the bytes: %s', async (_, text) => {
  const path = join(await temporaryFolder(), 'a.csv')
  await writeFile(path, text)
  const source = await statSource(path)
  const expected = `sha256:${createHash('sha256').update(text).digest('hex')}:${Buffer.byteLength(text)}`
  expect((await openCsv(source, await temporaryFolder(), { signal })).fingerprint).toBe(expected)
  expect(await fingerprintOf(source, signal)).toBe(expected)
})
