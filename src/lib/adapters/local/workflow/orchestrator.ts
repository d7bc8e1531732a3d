import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { EtlError } from '../../../core/errors.js'
import type { RunEvent } from '../../../core/run/events.js'
import type { RunRequest } from '../../../core/run/request.js'
import { takenRunId } from '../../../core/run/run-id.js'
import { runStarted } from '../../../core/run/run-started.js'
import type { Clock } from '../../../ports/clock.js'
import type { FollowOptions, Orchestrator } from '../../../ports/orchestrator.js'
import { writeError } from '../home/files.js'
import { homePaths } from '../home/paths.js'
import { type CancelNote, readIfSound, readRecord, runFiles, writeNote, writeRequest } from '../home/run-files.js'
import { closeDead, doerOf } from '../home/run-life.js'
import { acquireLock } from '../home/run-lock.js'
import { appendOrder } from '../home/run-order.js'
import { LocalRunStore } from '../home/run-store.js'
import { clearDead } from '../home/scratch.js'
import { guardWarehouse } from '../warehouse/foreign.js'
import type { Jobs } from './job.js'
import { followFile } from './orchestrator-follow.js'
import { LocalRun } from './orchestrator-run.js'

export interface LocalOrchestratorOptions {
  home: string
  /** The local jobs by their Glue names; asked for when a layer starts. */
  jobs(): Promise<Jobs>
  clock: Clock
  /** Replaces every wait between two tries of a layer; for tests. */
  retryDelayMs?: number
  /** How long a canceled run may take to stop before it is killed; 10 s. */
  graceMs?: number
}

const POLL_MS = 100

/** Runs of the workflow in this process, their history in the home's files, one at a time by the home's lock. */
export class LocalOrchestrator implements Orchestrator {
  readonly outlives = false
  readonly #options: LocalOrchestratorOptions
  readonly #store: LocalRunStore
  readonly #runs = new Map<string, LocalRun>()

  constructor(options: LocalOrchestratorOptions) {
    this.#options = options
    this.#store = new LocalRunStore(options.home)
  }

  async start(request: RunRequest): Promise<void> {
    const { home, clock } = this.#options
    const lock = await acquireLock(home, request.run_id)
    const files = runFiles(home, request.run_id)
    try {
      await tidy(home)
      const warnings = await guardWarehouse(homePaths(home))
      if (await readRecord(home, request.run_id)) throw takenRunId(request.run_id)
      const first = runStarted(request, clock.now().toISOString())
      const before = await appendOrder(home, { run_id: request.run_id, at: first.at })
      if (before && before.at > first.at) warnings.push(setBack(before.run_id, before.at))
      await mkdir(files.folder, { recursive: true })
      await writeRequest(files, request)
      const run = new LocalRun({ ...this.#options, files, request, lock })
      await run.open(first, warnings)
      this.#runs.set(request.run_id, run)
    } catch (error) {
      await lock.release()
      throw writeError(error, files.folder)
    }
  }

  async *follow(runId: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void> {
    const own = this.#runs.get(runId)
    if (own) yield* own.log.follow(options.signal)
    else {
      await this.#store.get(runId)
      yield* followFile(this.#options.home, runId, options)
    }
  }

  async cancel(runId: string, reason: string): Promise<string> {
    const own = this.#runs.get(runId)
    if (own) return own.cancel(reason)
    const record = await this.#store.get(runId)
    const { cancel } = runFiles(this.#options.home, runId)
    const before = await readIfSound<CancelNote>(cancel)
    if (record.state.status !== 'running') return before?.reason ?? reason
    const { clock, graceMs = 10_000 } = this.#options
    const earlier = before ?? (await writeNote(cancel, { at: clock.now().toISOString(), reason }))
    const kept = earlier?.reason ?? reason
    // Told twice, a process takes it for "now", and ends half way; who was first waits for it, too.
    if (await this.#signal(runId, earlier ? undefined : 'SIGTERM', graceMs)) return kept
    if (await this.#signal(runId, 'SIGKILL', graceMs)) return kept
    await this.#closeDead(runId)
    return kept
  }

  /** Signals the process that does a run, and waits. @returns true once the run has closed by itself */
  async #signal(runId: string, signal: NodeJS.Signals | undefined, graceMs: number): Promise<boolean> {
    const { home } = this.#options
    const doer = await doerOf(home, runId)
    if (doer && doer.pid > 0 && signal) kill(doer.pid, signal)
    for (let waited = 0; waited < graceMs && (await doerOf(home, runId)); waited += POLL_MS) await sleep(POLL_MS)
    return !(await this.#isOpen(runId))
  }

  /** True when no one has written down that the run ended. */
  async #isOpen(runId: string): Promise<boolean> {
    return (await readRecord(this.#options.home, runId))?.state.status === 'running'
  }

  /** Closes a run that had to be killed; the lock is free, since its process is gone. */
  async #closeDead(runId: string): Promise<void> {
    const { home } = this.#options
    const lock = await acquireLock(home, runId).catch(async (error) => {
      // Who canceled it, too, or the next run is about to do the same.
      if (error instanceof EtlError && error.code === 'LOCKED') return undefined
      throw error
    })
    if (!lock) return
    try {
      await tidy(home)
    } finally {
      await lock.release()
    }
  }
}

/** Closes what dead runs have left open, and clears what they have left lying; only under the lock. */
async function tidy(home: string): Promise<void> {
  const { work } = homePaths(home)
  await closeDead(home)
  for (const folder of [home, work, tmpdir()]) await clearDead(folder)
}

function setBack(runId: string, at: string): string {
  return `the clock was set back: run ${runId} began before this one, by the clock of that moment at ${at}`
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
    throw new EtlError(`cannot signal process ${pid}: ${(error as Error).message}`, {
      code: 'ACCESS',
      suggestions: [`ps -o user= -p ${pid}   # whose process it is`],
      cause: error,
    })
  }
}
