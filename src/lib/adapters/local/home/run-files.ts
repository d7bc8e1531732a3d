import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EtlError } from '../../../core/errors.js'
import { parseEvents } from '../../../core/run/event-lines.js'
import { initialRun, type RunEvent, reduceRun } from '../../../core/run/events.js'
import { parseRequest, type RunRequest } from '../../../core/run/request.js'
import type { LayerName, RunResult } from '../../../core/run/run.js'
import type { RunRecord } from '../../../ports/run-store.js'
import { readError, writeError } from '../../files/io-errors.js'
import { exists, readJson, readText, writeAtomic } from './files.js'
import { homePaths } from './paths.js'

const NOTE_LOOKS = 20
const NOTE_LOOK_MS = 50

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

/** Keeps what was asked of a run; only under the lock. @returns false when a run of that id is there already */
export async function writeRequest(files: RunFiles, request: RunRequest): Promise<boolean> {
  if (await exists(files.request)) return false
  await writeAtomic(files.request, `${JSON.stringify(request)}\n`)
  return true
}

/** Keeps why a run is canceled, of several at once the first. @returns the note that was there already */
export async function writeNote(path: string, note: CancelNote): Promise<CancelNote | undefined> {
  const text = `${JSON.stringify(note)}\n`
  try {
    await writeFile(path, text, { flag: 'wx', flush: true })
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw writeError(error, path)
  }
  for (let looks = 0; looks < NOTE_LOOKS; looks++) {
    const earlier = await readIfSound<CancelNote>(path)
    if (earlier) return earlier
    await sleep(NOTE_LOOK_MS)
  }
  // Who began it was killed.
  await writeAtomic(path, text)
  return undefined
}

export async function writeRecord(files: RunFiles, record: RunRecord): Promise<void> {
  await writeAtomic(files.record, `${JSON.stringify(record)}\n`)
}

export function canceledError(reason: string, layer: LayerName | null): NonNullable<RunResult['error']> {
  return { code: 'CANCELED', message: reason, suggestions: [], layer }
}

/**
 * A run as its files tell it, without a look at whether its process lives; undefined for what is no run.
 * @throws EtlError IO for a file that cannot be read
 */
export async function readRecord(home: string, runId: string): Promise<RunRecord | undefined> {
  const files = runFiles(home, runId)
  // A request that a kill has cut is no run: nothing was done before it was whole.
  const request = await readRequest(files.request)
  if (!request) return undefined
  const record = await readIfSound<RunRecord | null>(files.record)
  if (record?.state?.layers && record.state.status !== 'running') return { request, state: record.state }
  const state = (await readEvents(files)).reduce(reduceRun, initialRun(runId))
  return { request, state }
}

/** All events that a run has left; none where it has no log. */
export async function readEvents({ events }: Pick<RunFiles, 'events'>): Promise<RunEvent[]> {
  try {
    return parseEvents(await readText(events))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw readError(error, events)
  }
}

/** A run's document; that of a run before version 2 of the data has other names. */
async function readRequest(path: string): Promise<RunRequest | undefined> {
  const found = await readIfSound<Record<string, unknown> | null>(path)
  try {
    return parseRequest(found?.request ? fromFirstForm(found) : found)
  } catch {
    return undefined
  }
}

/** A JSON file that may be absent, or spoilt. @throws EtlError IO */
export async function readIfSound<Value>(path: string): Promise<Value | undefined> {
  try {
    return await readJson<Value>(path)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    const { code } = error as NodeJS.ErrnoException
    if (!(error instanceof EtlError) && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined
    throw readError(error, path)
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
