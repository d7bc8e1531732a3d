import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the files of one run of the tests keep what they share. */
    shared: string
  }
}

const KNOWN = 'VITEST_SHARED_HOMES'

/** A folder for what is made once for all files (shared-homes.ts); it goes when the last of them is done. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Each project is set up by itself, in one process.
  const folder = process.env[KNOWN] ?? (await mkdtemp(join(tmpdir(), 'rental-etl-shared-')))
  process.env[KNOWN] = folder
  project.provide('shared', folder)
  return () => rm(folder, { recursive: true, force: true })
}
