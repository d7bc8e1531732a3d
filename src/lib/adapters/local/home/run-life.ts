import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SOURCE_TABLES } from '../../../core/model.js'
import { type RunEvent, type RunState, reduceRun } from '../../../core/run/events.js'
import type { RunResult } from '../../../core/run/run.js'
import type { RunRecord } from '../../../ports/run-store.js'
import { appendText, readText, removeMoving, removeTemporaries } from './files.js'
import { homePaths } from './paths.js'
import {
  type CancelNote,
  canceledError,
  type RunFiles,
  readEvents,
  readIfSound,
  readRecord,
  runFiles,
  writeRecord,
} from './run-files.js'
import { readOrder } from './run-order.js'
import { clearFirstForm } from './scratch.js'

type Closing = Extract<RunEvent, { type: 'run_closed' }>

/**
 * The process that does a run, and undefined once that is gone: the one that holds the lock in the name of the run. It
 * is the only place that decides it. A process says for which run it holds the lock before it writes the run down.
 */
export async function doerOf(home: string, runId: string): Promise<{ pid: number } | undefined> {
  // The lock is a file of the engine, which nobody needs to load where no run is going on.
  const { lockHolder } = await import('./run-lock.js')
  const holder = await lockHolder(home)
  return holder?.runId === runId ? { pid: holder.pid } : undefined
}

/** The record as it is to be shown: a running run whose process is gone has ended. */
export async function withLife(home: string, record: RunRecord): Promise<RunRecord> {
  const { state } = record
  if (state.status !== 'running' || (await doerOf(home, state.run_id))) return record
  // It may have ended while we looked.
  const again = (await readRecord(home, state.run_id)) ?? record
  if (again.state.status !== 'running') return again
  const files = runFiles(home, state.run_id)
  const closing = await deadClosing(files, again.state, (await readEvents(files)).at(-1)?.at)
  return { ...again, state: reduceRun(again.state, closing) }
}

/** How a run ends whose process is gone: as failed, or as canceled where it was killed for that. */
export async function deadClosing(files: RunFiles, state: RunState, lastSign: string | undefined): Promise<Closing> {
  const layer = state.layers.find(({ status }) => status === 'running')?.layer ?? null
  const at = lastSign ?? new Date(0).toISOString()
  const note = await readIfSound<CancelNote>(files.cancel)
  if (note) return { type: 'run_closed', at, status: 'canceled', error: canceledError(note.reason, layer) }
  const error: NonNullable<RunResult['error']> = {
    code: 'INTERRUPTED',
    message: 'the process that did this run ended without finishing it',
    suggestions: [`rental-etl resume ${state.run_id}`],
    layer,
  }
  return { type: 'run_closed', at, status: 'failed', error }
}

/**
 * Writes down that runs ended whose process is gone, and removes what they were writing; only under the lock, when none
 * of them can be alive. Each run does it at its start, so that what is older than a closed run is closed, too.
 */
export async function closeDead(home: string): Promise<void> {
  await removeTemporaries(home)
  const placed = (await readOrder(home)).map(({ run_id }) => run_id).reverse()
  const names: string[] = await readdir(join(home, 'runs')).catch(() => [])
  const others = names.filter((name) => !placed.includes(name))
  for (const runId of [...placed, ...others]) {
    if (!names.includes(runId)) continue
    const files = runFiles(home, runId)
    await removeTemporaries(files.folder)
    const record = await readRecord(home, runId)
    if (!record) await removeNoRun(files)
    else if (record.state.status === 'running') await closeOne(home, files, record)
    else if (placed.includes(runId)) return
  }
}

async function closeOne(home: string, files: RunFiles, record: RunRecord): Promise<void> {
  const { run_id } = record.state
  const { lake, rejected, work } = homePaths(home)
  await clearFirstForm(work, run_id)
  for (const { name } of SOURCE_TABLES)
    for (const folder of [lake(name, run_id), rejected(name, run_id)]) await removeMoving(join(home, folder))
  // The line that the kill has cut stays a line of its own.
  const text = await readText(files.events).catch(() => '')
  const closing = await deadClosing(files, record.state, (await readEvents(files)).at(-1)?.at)
  const cut = text !== '' && !text.endsWith('\n')
  await appendText(files.events, `${cut ? '\n' : ''}${JSON.stringify(closing)}\n`)
  await writeRecord(files, { ...record, state: reduceRun(record.state, closing) })
}

/** What a kill has left of a run that had not begun; the folder of one that was pruned holds its manifest. */
async function removeNoRun({ folder, request }: RunFiles): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  if (!names.every((name) => name === 'request.json')) return
  await rm(request, { force: true })
  await rmdir(folder).catch(() => undefined)
}
