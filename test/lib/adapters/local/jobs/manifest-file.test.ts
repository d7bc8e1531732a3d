import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import { assertFiles, assertSizes, readManifest } from '../../../../../src/lib/adapters/local/jobs/manifest-file.js'
import type { Manifest } from '../../../../../src/lib/core/run/manifest.js'
import { temporaryFolder } from '../../../../support/temporary.js'

test.each([
  ['none', undefined, 'NOT_FOUND', 'not_found', 'run r1 has no manifest: its extract was not finished'],
  ['an empty object', '{}', 'IO', 'io', 'is not a manifest; the extract of run r1 cannot be loaded'],
  ['half of one', '{"version": 1, "tab', 'IO', 'io', 'is not a manifest; the extract of run r1 cannot be loaded'],
])('a manifest that cannot be loaded: %s', async (_, text, code, exit, message) => {
  const paths = homePaths(await temporaryFolder())
  await mkdir(join(paths.home, 'runs', 'r1'), { recursive: true })
  if (text !== undefined) await writeFile(paths.manifest('r1'), text)
  await expect(readManifest(paths, 'r1')).rejects.toMatchObject({
    code,
    exit,
    message: expect.stringContaining(message),
  })
})

test('files that are not as they were written cannot be loaded, and a pipe in their place is not waited for', async () => {
  const paths = homePaths(await temporaryFolder())
  const path = join(paths.home, 'part-0.parquet')
  const file = { path: 'part-0.parquet', rows: 1, bytes: 3, sha256: createHash('sha256').update('abc').digest('hex') }
  const manifest = { run_id: 'r1', tables: [{ files: [file], rejected_files: [] }] } as unknown as Manifest
  const refused = (message: string) => ({
    code: 'IO',
    message: `${path} ${message}; the extract of run r1 cannot be loaded`,
  })
  await expect(assertSizes(paths, manifest)).rejects.toMatchObject(refused('is gone'))
  await writeFile(path, 'abcd')
  await expect(assertSizes(paths, manifest)).rejects.toMatchObject(refused('is not as it was written'))
  await writeFile(path, 'abd')
  await assertSizes(paths, manifest)
  await expect(assertFiles(paths, manifest)).rejects.toMatchObject(refused('is not as it was written'))
  await writeFile(path, 'abc')
  await assertFiles(paths, manifest)
  await rm(path)
  execFileSync('mkfifo', [path])
  await expect(assertFiles(paths, manifest)).rejects.toMatchObject(refused('is not as it was written'))
})
