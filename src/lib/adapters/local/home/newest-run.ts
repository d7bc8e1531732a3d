import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunStatus } from '../../../core/run/run.js'
import { readJson } from './files.js'
import { homePaths } from './paths.js'

/** What came of the run that began last. */
export interface NewestRun {
  run_id: string
  /** `broken off`: its process is gone, and nobody has closed it yet. */
  status: RunStatus | 'broken off'
  /** RFC 3339: when it ended, or was last heard of. */
  at: string
  as_of: string | null
}

interface Recorded {
  state?: { status?: RunStatus; closed_at?: string | null; as_of?: string | null }
}

/**
 * The newest run of a home at a glance: few small files, and no engine; so it asks the note beside the lock, not the lock,
 * whether a run is going on. undefined where nothing ever ran.
 */
export async function newestRun(home: string): Promise<NewestRun | undefined> {
  const runs = join(home, 'runs')
  const begun = await Promise.all(
    (await readdir(runs).catch(() => [])).map(async (run_id) => {
      const found = await stat(join(runs, run_id, 'request.json')).catch(() => undefined)
      return found ? [{ run_id, at: found.mtime }] : []
    }),
  )
  const [newest] = begun.flat().sort((a, b) => b.at.getTime() - a.at.getTime() || b.run_id.localeCompare(a.run_id))
  if (newest === undefined) return undefined
  const { run_id } = newest
  const record = await readJson<Recorded>(join(homePaths(home).run(run_id), 'run.json')).catch(() => undefined)
  const { status, closed_at, as_of } = record?.state ?? {}
  const ended = status !== undefined && status !== 'running'
  return {
    run_id,
    status: ended ? status : (await isGoingOn(home, run_id)) ? 'running' : 'broken off',
    at: (ended && closed_at) || newest.at.toISOString(),
    as_of: as_of ?? null,
  }
}

async function isGoingOn(home: string, runId: string): Promise<boolean> {
  const note = await readJson<{ run_id?: string; pid?: number }>(join(home, 'run.lock.json')).catch(() => undefined)
  if (note?.run_id !== runId || !Number.isInteger(note.pid)) return false
  try {
    process.kill(note.pid as number, 0)
    return true
  } catch (error) {
    // Somebody else's process is one, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
