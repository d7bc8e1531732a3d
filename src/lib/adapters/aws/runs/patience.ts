import { setTimeout as sleep } from 'node:timers/promises'
import { EtlError } from '../../../core/errors.js'
import type { FollowOptions } from '../../../ports/orchestrator.js'

/** How often it is looked at what goes on, and for how long looking may fail; in milliseconds. */
export interface Pace {
  /** Pauses between looks grow from the first to the most, and begin anew with each news. */
  first: number
  most: number
  /** How long a job's last lines may take to appear after its end. */
  settle: number
  /** Looks in a row that may fail; the waits between them double from `trouble` up to `longest`. */
  tries: number
  trouble: number
  longest: number
}

/** Looking may fail for some five minutes: a lid that is closed for a moment, or a network that changes. */
export const PACE: Pace = { first: 300, most: 3_000, settle: 5_000, tries: 15, trouble: 1_000, longest: 30_000 }

export type Look = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Looks once more where looking failed by what may pass; told once, each time that it begins to fail. */
export function patient({ signal, onTrouble }: FollowOptions, { tries, trouble, longest }: Pace): Look {
  return async (work) => {
    for (let failed = 1; ; failed++) {
      try {
        return await unlessAborted(work(), signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (!mayPass(error) || failed >= tries) throw error
        if (failed === 1) onTrouble?.(error)
        await pause(Math.min(trouble * 2 ** (failed - 1), longest), signal)
      }
    }
  }
}

/** A call that hangs keeps nobody who wants to stop. @throws the signal's reason */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** @throws the signal's reason */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {}).catch((error) => {
    throw signal?.aborted ? signal.reason : error
  })
}

/** What is not reached, asked too often, or out of order on the other side; keys and rights do not mend themselves. */
function mayPass(error: unknown): boolean {
  if (error instanceof EtlError) return error.code === 'IO'
  return (error as { $fault?: string }).$fault === 'server'
}
