import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { EtlError } from '../../../core/errors.js'
import type { RunEvent } from '../../../core/run/events.js'
import type { RunRequest } from '../../../core/run/request.js'
import { isPlanned, LAYER_NAMES } from '../../../core/run/run.js'
import { takenRunId } from '../../../core/run/run-id.js'
import type { Clock } from '../../../ports/clock.js'
import type { Orchestrator } from '../../../ports/orchestrator.js'
import type { RunRecord } from '../../../ports/run-store.js'
import { removeFolders, writeAtomic, writeError } from '../home/files.js'
import { homePaths } from '../home/paths.js'
import { type CancelNote, LocalRunStore, lives, readRecord, runFiles, writeRequest } from '../home/run-files.js'
import { acquireLock, lockHolder } from '../home/run-lock.js'
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
  readonly #options: LocalOrchestratorOptions
  readonly #store: LocalRunStore
  readonly #runs = new Map<string, LocalRun>()

  constructor(options: LocalOrchestratorOptions) {
    this.#options = options
    this.#store = new LocalRunStore(options.home)
  }

  async start(request: RunRequest): Promise<void> {
    const { home } = this.#options
    const lock = await acquireLock(home, request.run_id)
    const files = runFiles(home, request.run_id)
    try {
      await mkdir(files.folder, { recursive: true })
      await this.#store.closeDead()
      await removeFolders(homePaths(home).work)
      if (!(await writeRequest(files, request))) throw takenRunId(request.run_id)
      const run = new LocalRun({ ...this.#options, files, request, lock })
      await run.open(started(request, this.#options.clock))
      this.#runs.set(request.run_id, run)
    } catch (error) {
      await lock.release()
      throw writeError(error, files.folder)
    }
  }

  async *follow(runId: string, signal?: AbortSignal): AsyncGenerator<RunEvent, void> {
    const own = this.#runs.get(runId)
    if (own) yield* own.log.follow(signal)
    else {
      await this.#store.get(runId)
      yield* followFile(this.#options.home, runId, signal)
    }
  }

  async cancel(runId: string, reason: string): Promise<void> {
    const own = this.#runs.get(runId)
    if (own) return own.cancel(reason)
    const record = await this.#store.get(runId)
    if (record.state.status !== 'running') return
    const { home, clock, graceMs = 10_000 } = this.#options
    const files = runFiles(home, runId)
    const note: CancelNote = { at: clock.now().toISOString(), reason }
    await writeAtomic(files.cancel, `${JSON.stringify(note)}\n`).catch((error) => {
      throw writeError(error, files.cancel)
    })
    if (await this.#signal(record, 'SIGTERM', graceMs)) return
    if (await this.#signal(record, 'SIGKILL', graceMs)) return
    await this.#closeDead(runId)
  }

  /** Signals the process that holds the lock for a run, and waits. @returns true once the run has closed by itself */
  async #signal(record: RunRecord, signal: NodeJS.Signals, graceMs: number): Promise<boolean> {
    const runId = record.state.run_id
    const holder = await this.#holder(record)
    if (holder) kill(holder.pid, signal)
    for (let waited = 0; waited < graceMs && (await this.#holder(record)); waited += POLL_MS) await sleep(POLL_MS)
    return !(await this.#isOpen(runId))
  }

  /** True when no one has written down that the run ended. */
  async #isOpen(runId: string): Promise<boolean> {
    return (await readRecord(this.#options.home, runId))?.state.status === 'running'
  }

  async #holder(record: RunRecord): Promise<{ pid: number } | undefined> {
    const holder = await lockHolder(this.#options.home)
    return holder && holder.pid > 0 && lives(record, holder) ? holder : undefined
  }

  /** Closes a run that had to be killed; the lock is free, since its process is gone. */
  async #closeDead(runId: string): Promise<void> {
    const lock = await acquireLock(this.#options.home, runId)
    try {
      await this.#store.closeDead()
      await removeFolders(homePaths(this.#options.home).work)
    } finally {
      await lock.release()
    }
  }
}

function started(request: RunRequest, clock: Clock): Extract<RunEvent, { type: 'run_started' }> {
  const skipped = LAYER_NAMES.filter((layer) => !isPlanned(layer, request.from, request.to))
  return {
    type: 'run_started',
    at: clock.now().toISOString(),
    run_id: request.run_id,
    parent: request.parent,
    as_of: request.as_of,
    reconciled: request.reconcile === 'always',
    skipped: skipped.map((layer) => ({ layer, done_by: request.done_by[layer] ?? null })),
  }
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
