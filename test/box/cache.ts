import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the tests keep what they fetched, between runs and shared by checkouts; `RENTAL_ETL_BOX` names another folder. */
export function boxCache(env: NodeJS.ProcessEnv = process.env): string {
  return env['RENTAL_ETL_BOX'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rental-etl-box')
}

export type Say = (line: string) => void

/**
 * A folder of the cache that is made once for each content of what it is made of. It appears whole or not at all; of two
 * that make it at once, the first one's stays.
 * @param of the texts that decide what is in it
 */
export async function cachedFolder(
  kind: string,
  of: readonly string[],
  make: (folder: string) => Promise<void>,
  say: Say = () => undefined,
): Promise<string> {
  const folder = join(boxCache(), `${kind}-${createHash('sha256').update(of.join('\0')).digest('hex').slice(0, 16)}`)
  if (await isThere(folder)) return folder
  await mkdir(boxCache(), { recursive: true })
  const work = await mkdtemp(join(boxCache(), `making-${kind}-`))
  const began = Date.now()
  try {
    await make(join(work, 'made'))
    await rename(join(work, 'made'), folder).catch(async (error) => {
      if (!(await isThere(folder))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  say(`made ${folder} in ${((Date.now() - began) / 1000).toFixed(1)} s`)
  return folder
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
