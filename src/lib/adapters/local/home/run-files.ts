import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { initialRun, type RunEvent, type RunState, reduceRun } from '../../../core/run/events.js'
import { parseRequest, type RunRequest } from '../../../core/run/request.js'
import type { LayerName, RunResult } from '../../../core/run/run.js'
import { unknownRun } from '../../../core/run/run-selector.js'
import type { RunArchive } from '../../../ports/run-archive.js'
import type { RunRecord, RunStore } from '../../../ports/run-store.js'
import { readEvents } from './event-log.js'
import { exists, readJson, writeAtomic } from './files.js'
import { homePaths } from './paths.js'
import { lockHolder } from './run-lock.js'

/** `runs/<id>/cancel.json`: written by who cancels a run of another process. */
export interface CancelNote {
  at: string
  reason: string
}

/** Where a run's files lie. */
export interface RunFiles {
  folder: string
  request: string
  events: string
  record: string
  cancel: string
}

export function runFiles(home: string, runId: string): RunFiles {
  const folder = homePaths(home).run(runId)
  return {
    folder,
    request: join(folder, 'request.json'),
    events: join(folder, 'events.jsonl'),
    record: join(folder, 'run.json'),
    cancel: join(folder, 'cancel.json'),
  }
}

/** Keeps what was asked of a run. @returns false when a run of that id is there already */
export async function writeRequest(files: RunFiles, request: RunRequest): Promise<boolean> {
  try {
    await writeFile(files.request, `${JSON.stringify(request)}\n`, { flag: 'wx', flush: true })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

export async function writeRecord(files: RunFiles, record: RunRecord): Promise<void> {
  await writeAtomic(files.record, `${JSON.stringify(record)}\n`)
}

/** Closes the record of a run whose process is gone, in its event log and in its record. */
async function closeRecord(files: RunFiles, record: RunRecord, closing: RunEvent): Promise<void> {
  // The line that the kill has cut stays a line of its own.
  const text = await readFile(files.events, 'utf8').catch(() => '')
  const cut = text !== '' && !text.endsWith('\n')
  await appendFile(files.events, `${cut ? '\n' : ''}${JSON.stringify(closing)}\n`, { flush: true })
  await writeRecord(files, { ...record, state: reduceRun(record.state, closing) })
}

/** How a run ends whose process is gone: as failed, or as canceled where it was killed for that. */
export async function deadClosing(
  files: RunFiles,
  state: RunState,
  lastSign: string | undefined,
): Promise<Extract<RunEvent, { type: 'run_closed' }>> {
  const layer = state.layers.find(({ status }) => status === 'running')?.layer ?? null
  const at = lastSign ?? new Date(0).toISOString()
  const note = await readJson<CancelNote>(files.cancel).catch(() => undefined)
  if (note) return { type: 'run_closed', at, status: 'canceled', error: canceledError(note.reason, layer) }
  const error: NonNullable<RunResult['error']> = {
    code: 'INTERRUPTED',
    message: 'the process that did this run ended without finishing it',
    suggestions: [`rental-etl resume ${state.run_id}`],
    layer,
  }
  return { type: 'run_closed', at, status: 'failed', error }
}

export function canceledError(reason: string, layer: LayerName | null): NonNullable<RunResult['error']> {
  return { code: 'CANCELED', message: reason, suggestions: [], layer }
}

/** A run as its files tell it, without a look at whether its process lives. */
export async function readRecord(home: string, runId: string): Promise<RunRecord | undefined> {
  const files = runFiles(home, runId)
  if (!(await exists(files.request))) return undefined
  const record = await readJson<RunRecord>(files.record).catch(() => undefined)
  // A request that a kill has cut is no run: nothing was done before it was whole.
  const request = await readRequest(files.request)
  if (!request) return undefined
  if (record?.state?.layers && record.state.status !== 'running') return { request, state: record.state }
  const state = readEvents(files.events).reduce(reduceRun, initialRun(runId))
  return { request, state }
}

/** A run's document; that of a run before version 2 of the data has other names. */
async function readRequest(path: string): Promise<RunRequest | undefined> {
  const found = await readJson<Record<string, unknown> | null>(path).catch(() => undefined)
  try {
    return parseRequest(found?.request ? fromFirstForm(found) : found)
  } catch {
    return undefined
  }
}

interface FirstForm {
  request?: Record<string, unknown>
  target?: string
  source?: string
}

function fromFirstForm({ request: first = {}, target, source }: FirstForm): unknown {
  return {
    run_id: first.runId,
    parent: first.parent ?? null,
    as_of: first.asOf,
    from: first.from,
    to: first.to,
    reconcile: first.reconcile === false ? 'never' : 'always',
    full_refresh: first.fullRefresh,
    allow_deletes: first.allowDeletes,
    manifest_run: first.manifestRun ?? null,
    rebuild_curated: first.rebuildCurated,
    target,
    source: first.source ?? source,
    source_given: first.source !== undefined,
    done_by: first.doneBy,
  }
}

/** The runs of a home, from their files. */
export class LocalRunStore implements RunStore, RunArchive {
  constructor(readonly home: string) {}

  async list(): Promise<RunRecord[]> {
    const shown = await this.#withLife(await this.#records())
    return shown.sort((a, b) => order(b).localeCompare(order(a)))
  }

  async events(runId: string): Promise<RunEvent[]> {
    const { state } = await this.get(runId)
    const events = readEvents(runFiles(this.home, runId).events)
    if (state.status === 'running' || events.at(-1)?.type === 'run_closed') return events
    // Its process is gone, and nobody has written that down yet.
    const { status, error, closed_at } = state
    return [...events, { type: 'run_closed', at: closed_at ?? '', status, error }]
  }

  async remove(runId: string, { keepManifest }: { keepManifest: boolean }): Promise<void> {
    const { folder, request } = runFiles(this.home, runId)
    // Without its request it is no run any more: what a kill leaves after this is not shown.
    await rm(request, { force: true })
    const names = keepManifest ? (await readdir(folder)).filter((name) => name !== 'manifest.json') : ['']
    for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
  }

  /** Writes down that runs ended whose process is gone; only under the lock, when none of them can be alive. */
  async closeDead(): Promise<void> {
    for (const record of await this.#records()) {
      const { state } = record
      if (state.status !== 'running') continue
      const files = runFiles(this.home, state.run_id)
      await closeRecord(files, record, await deadClosing(files, state, readEvents(files.events).at(-1)?.at))
    }
  }

  async get(runId: string): Promise<RunRecord> {
    const names = await this.#names()
    const record = names.includes(runId) ? await readRecord(this.home, runId) : undefined
    if (!record) throw unknownRun(runId, names.sort().reverse())
    return (await this.#withLife([record]))[0] as RunRecord
  }

  async #records(): Promise<RunRecord[]> {
    const records: RunRecord[] = []
    for (const name of await this.#names()) {
      const record = await readRecord(this.home, name)
      if (record) records.push(record)
    }
    return records
  }

  async #names(): Promise<string[]> {
    return readdir(join(this.home, 'runs')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
  }

  /** Shows a running run whose process does not hold the lock as what it is. */
  async #withLife(records: RunRecord[]): Promise<RunRecord[]> {
    if (!records.some(({ state }) => state.status === 'running')) return records
    const holder = await lockHolder(this.home)
    const shown: RunRecord[] = []
    for (const record of records) {
      const { state } = record
      if (state.status !== 'running' || lives(record, holder)) {
        shown.push(record)
        continue
      }
      // It may have ended while we looked.
      const again = (await readRecord(this.home, state.run_id)) ?? record
      const files = runFiles(this.home, state.run_id)
      const ended = again.state.status !== 'running'
      const closing = ended ? undefined : await deadClosing(files, again.state, readEvents(files.events).at(-1)?.at)
      shown.push(closing ? { ...again, state: reduceRun(again.state, closing) } : again)
    }
    return shown
  }
}

/** True when the holder of the lock is this run: it says so before the run is written down. */
export function lives(record: RunRecord, holder: { runId: string | undefined } | undefined): boolean {
  return holder?.runId === record.state.run_id
}

/** Newest first is by the time of the start; ids of one moment by name. */
function order({ state }: RunRecord): string {
  return `${state.started_at ?? ''} ${state.run_id}`
}
