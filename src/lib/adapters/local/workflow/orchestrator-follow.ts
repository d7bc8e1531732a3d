import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { initialRun, type RunEvent, type RunState, reduceRun } from '../../../core/run/events.js'
import { parseEvents } from '../home/event-log.js'
import { deadClosing, lives, readRecord, runFiles } from '../home/run-files.js'
import { isNoted, lockHolder } from '../home/run-lock.js'

const POLL_MS = 150
const LOOK_EVERY = 20
const CHUNK = 1 << 16

/** Follows a run that another process does, by its event log; a run whose process is gone ends as failed. */
export async function* followFile(home: string, runId: string, signal?: AbortSignal): AsyncGenerator<RunEvent, void> {
  const files = runFiles(home, runId)
  let state: RunState = initialRun(runId)
  let last: string | undefined
  let gone = false
  let idle = 0
  let position = 0
  let rest = Buffer.alloc(0)
  while (true) {
    signal?.throwIfAborted()
    const bytes = await readFrom(files.events, position)
    position += bytes.length
    const text = Buffer.concat([rest, bytes])
    const end = text.lastIndexOf(0x0a) + 1
    rest = Buffer.alloc(0)
    for (const event of parseEvents(text.toString('utf8', 0, end))) {
      state = reduceRun(state, event)
      last = event.at
      yield event
      if (event.type === 'run_closed') return
    }
    if (bytes.length > 0) continue
    // Only what is read after the process was found gone is its last word.
    if (gone) {
      // Its log may have lost what its record still holds.
      const kept = (await readRecord(home, runId))?.state
      if (!kept || kept.status === 'running') yield await deadClosing(files, state, last)
      else yield { type: 'run_closed', at: kept.closed_at ?? '', status: kept.status, error: kept.error }
      return
    }
    gone = await isGone(home, runId, idle++ % LOOK_EVERY === 0)
    if (!gone) await sleep(POLL_MS, undefined, signal ? { signal } : {})
  }
}

/** Looks at the lock where the process is gone, and now and then: another process may have got its id. */
async function isGone(home: string, runId: string, look: boolean): Promise<boolean> {
  const record = await readRecord(home, runId)
  if (!record) return true
  if (!look && (await isNoted(home, runId))) return false
  return !lives(record, await lockHolder(home))
}

async function readFrom(path: string, position: number): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return Buffer.alloc(0)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
