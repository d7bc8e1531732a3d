import { realpath, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EtlError } from '../../../core/errors.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { notRegular, writeError } from '../../files/io-errors.js'
import { isAlive } from '../../files/process-life.js'
import { Database } from '../engine/database.js'
import { claimHome } from './claim.js'
import { exists, readJson, writeAtomic } from './files.js'

export interface Holder {
  pid: number
  /** Undefined for the moment between taking the lock and saying so. */
  runId: string | undefined
}

export interface RunLock {
  release(): Promise<void>
}

// File locks are the process's: within one process a second open does not conflict, and closing it would give the
// first one's lock away. So a process remembers what it holds, and never opens a lock file that it holds.
const held = new Map<string, Holder>()

const SETTLE_MS = 50
const SETTLE_TRIES = 40

/**
 * Takes the one lock of a home: a DuckDB file open for writing, whose file lock dies with the process and whose
 * conflict names the holder's PID. `run.lock.json` beside it says which run that is, for messages only.
 * @throws EtlError LOCKED (exit 75) naming the run that holds it, USAGE for a folder that is no home, IO (exit 74) when it
 * cannot be written
 */
export async function acquireLock(home: string, runId: string): Promise<RunLock> {
  await claimHome(home)
  const paths = await lockPaths(home)
  for (let tries = 0; ; tries++) {
    const own = held.get(paths.key)
    if (own) throw locked(own)
    held.set(paths.key, { pid: process.pid, runId })
    try {
      const database = await openLock(paths.database, 0)
      await writeAtomic(paths.note, `${JSON.stringify({ run_id: runId, pid: process.pid })}\n`)
      return {
        release: async () => {
          await rm(paths.note, { force: true })
          database.close()
          held.delete(paths.key)
        },
      }
    } catch (error) {
      held.delete(paths.key)
      if (!isLocked(error)) throw lockError(error, home)
      const holder = await readHolder(paths.note, error)
      // Another process that only looks holds the lock for a moment without naming a run; so does one that has just begun.
      if (holder.runId !== undefined || tries >= SETTLE_TRIES) throw locked(holder)
      await sleep(SETTLE_MS)
    }
  }
}

/** Who holds the lock of a home now; undefined when nobody does. */
export async function lockHolder(home: string): Promise<Holder | undefined> {
  const database = join(home, 'run.lock.duckdb')
  if (!(await exists(database))) return undefined
  const paths = await lockPaths(home)
  const own = held.get(paths.key)
  if (own) return own
  try {
    const probe = await Database.open(database, { readOnly: true })
    probe.close()
    return undefined
  } catch (error) {
    return isLocked(error) ? readHolder(paths.note, error) : undefined
  }
}

/** True while the note beside the lock names the run and its process is there: quicker than a look at the lock. */
export async function isNoted(home: string, runId: string): Promise<boolean> {
  const note = await readJson<{ run_id: string; pid: number }>(join(home, 'run.lock.json')).catch(() => undefined)
  return note?.run_id === runId && isAlive(note.pid)
}

interface LockPaths {
  key: string
  database: string
  note: string
}

async function lockPaths(home: string): Promise<LockPaths> {
  try {
    const key = await realpath(home)
    return { key, database: join(key, 'run.lock.duckdb'), note: join(key, 'run.lock.json') }
  } catch (error) {
    throw writeError(error, home)
  }
}

/** A lock file cut short by a crash while it was made is nobody's: it is made anew, once. */
async function openLock(path: string, tries: number): Promise<Database> {
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isFile()) throw notRegular(path)
  try {
    return await Database.open(path)
  } catch (error) {
    if (isLocked(error) || tries > 0 || !(await exists(path)) || !isBroken(error)) throw error
    await rm(path, { force: true })
    return openLock(path, tries + 1)
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof EtlError && error.code === 'LOCKED'
}

function isBroken(error: unknown): boolean {
  const text =
    error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}` : ''
  return /not a valid DuckDB|could not read enough bytes|corrupt|checksum/i.test(text)
}

async function readHolder(note: string, error: unknown): Promise<Holder> {
  const written = await readJson<{ run_id: string; pid: number }>(note).catch(() => undefined)
  const text = /PID (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  const pid = text === undefined ? written?.pid : Number(text)
  // A note of another process is what a killed one left.
  return { pid: pid ?? 0, runId: written && written.pid === pid ? written.run_id : undefined }
}

function locked({ pid, runId }: Holder): EtlError {
  const run = runId === undefined ? 'another run' : `run ${runId}`
  return new EtlError(`${run} (PID ${pid}) is going on in this home; one run at a time changes a warehouse`, {
    code: 'LOCKED',
    suggestions: [`rental-etl watch ${runId ?? '@running'}`, 'rental-etl run --on-conflict wait'],
  })
}

/** What the engine says of a lock file that cannot be written. */
function lockError(error: unknown, home: string): unknown {
  if (error instanceof EtlError) return error
  if (!(error instanceof Error) || !/IO Error/.test(error.message)) return writeError(error, home)
  return new EtlError(`cannot write the home ${home}: ${error.message.split('\n')[0]}`, {
    code: 'IO',
    suggestions: [`ls -ld ${shellWord(home)}`, 'rental-etl run --home DIR   # a folder that can be written'],
    cause: error,
  })
}
