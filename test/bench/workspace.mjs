import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const PREFIX = 'work-'

/**
 * Gives `work` a folder of this process in `folder`, and removes it afterwards: two benches may run at once, though
 * their figures are worth nothing then. What a killed one left goes first: it is large.
 */
export async function withWorkspace(folder, work) {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(PREFIX) && !isAlive(Number(name.slice(PREFIX.length)))) remove(join(folder, name))
  }
  const path = join(folder, `${PREFIX}${process.pid}`)
  mkdirSync(path, { recursive: true })
  try {
    return await work(path)
  } finally {
    remove(path)
  }
}

export function remove(path) {
  rmSync(path, { recursive: true, force: true })
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's.
    return error.code === 'EPERM'
  }
}
