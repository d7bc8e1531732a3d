import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import { readManifest } from '../../../../../src/lib/adapters/local/jobs/manifest-file.js'
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
