import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { ENVIRONMENT } from '../../src/lib/core/config/settings.js'

/** A working directory of its own for the commands of a test, with these files, without the environment's settings. */
export async function workingFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rental-etl-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  for (const name of Object.values(ENVIRONMENT)) vi.stubEnv(name, undefined)
  onTestFinished(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}
