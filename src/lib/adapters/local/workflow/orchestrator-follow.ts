import { constants } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { EtlError } from '../../../core/errors.js'
import { parseEvents } from '../../../core/run/event-lines.js'
import { initialRun, type RunEvent, type RunState, reduceRun } from '../../../core/run/events.js'
import type { FollowOptions } from '../../../ports/orchestrator.js'
import { readError } from '../../files/io-errors.js'
import { openRegular } from '../home/files.js'
import { readRecord, runFiles } from '../home/run-files.js'
import { deadClosing, doerOf } from '../home/run-life.js'
import { isNoted } from '../home/run-lock.js'

const POLL_MS = 150
const LOOK_EVERY = 20
const CHUNK = 1 << 16
/** Looks in a row that may fail; the waits between them double, and add up to about twenty seconds. */
const TRIES = 7

/** Follows a run that another process does, by its event log; a run whose process is gone ends as failed. */
export async function* followFile(
  home: string,
  runId: string,
  options: FollowOptions = {},
): AsyncGenerator<RunEvent, void> {
  const { signal } = options
  const files = runFiles(home, runId)
  const look = patient(options)
  let state: RunState = initialRun(runId)
  let last: string | undefined
  let gone = false
  let idle = 0
  let position = 0
  let rest = Buffer.alloc(0)
  while (true) {
    signal?.throwIfAborted()
    const bytes = await look(() => readFrom(files.events, position))
    position += bytes.length
    const text = Buffer.concat([rest, bytes])
    const end = text.lastIndexOf(0x0a) + 1
    rest = text.subarray(end)
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
      const kept = (await look(() => readRecord(home, runId)))?.state
      if (!kept || kept.status === 'running') yield await deadClosing(files, state, last)
      else yield { type: 'run_closed', at: kept.closed_at ?? '', status: kept.status, error: kept.error }
      return
    }
    gone = await look(() => isGone(home, runId, idle++ % LOOK_EVERY === 0))
    if (!gone) await sleep(POLL_MS, undefined, signal ? { signal } : {})
  }
}

type Look = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Looks once more where looking failed: a network file system hiccups, and the run goes on all the while. */
function patient({ signal, onTrouble }: FollowOptions): Look {
  return async (work) => {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        signal?.throwIfAborted()
        // What the system has said may pass; what stands in the wrong place does not.
        const isTrouble = error instanceof EtlError && error.code === 'IO' && error.cause !== undefined
        if (!isTrouble || tries >= TRIES) throw error
        if (tries === 1) onTrouble?.(error)
        await sleep(POLL_MS * 2 ** tries, undefined, signal ? { signal } : {})
      }
    }
  }
}

/** Looks at the lock where the process is gone, and now and then: another process may have got its id. */
async function isGone(home: string, runId: string, look: boolean): Promise<boolean> {
  if (!look && (await isNoted(home, runId))) return false
  return !(await doerOf(home, runId))
}

async function readFrom(path: string, position: number): Promise<Buffer> {
  const file = await openRegular(path, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw readError(error, path)
  })
  if (!file) return Buffer.alloc(0)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    throw readError(error, path)
  } finally {
    await file.close()
  }
}
