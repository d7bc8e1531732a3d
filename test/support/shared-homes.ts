import { cp, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'

const LONGEST_MS = 100_000

/**
 * Fills `folder` with a copy of what `make` has made, by the first test file that asks for it. A run costs seconds, and a
 * copy next to nothing. Texts in which the place stands name that of the copy.
 */
export async function copyOfShared(
  name: string,
  folder: string,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const origin = join(inject('shared'), name)
  const done = `${origin}.done`
  try {
    await mkdir(origin)
  } catch {
    await until(done)
    return copyTo(folder, origin)
  }
  const outcome = await make(origin).catch((error: Error) => error)
  await writeFile(done, outcome ? String(outcome.stack) : '')
  if (outcome) throw outcome
  await copyTo(folder, origin)
}

/** Another worker makes it. */
async function until(done: string): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(50)) {
    const failed = await readFile(done, 'utf8').catch(() => undefined)
    if (failed === undefined) continue
    if (failed !== '') throw new Error(`another file could not make it: ${failed}`)
    return
  }
  throw new Error(`nobody has made ${done}`)
}

async function copyTo(folder: string, origin: string): Promise<void> {
  await cp(origin, folder, { recursive: true, preserveTimestamps: true })
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name)
    if (!/\.jsonl?$/.test(name)) continue
    const { atime, mtime } = await stat(path)
    const text = await readFile(path, 'utf8')
    if (!text.includes(origin)) continue
    await writeFile(path, text.replaceAll(origin, folder))
    // Which run is the newest is told by the times of its files.
    await utimes(path, atime, mtime)
  }
}
