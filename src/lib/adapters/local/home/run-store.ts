import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunEvent } from '../../../core/run/events.js'
import { unknownRun } from '../../../core/run/run-selector.js'
import type { RunRecord, RunStore } from '../../../ports/run-store.js'
import { readError } from '../../files/io-errors.js'
import { readEvents, readRecord, runFiles } from './run-files.js'
import { withLife } from './run-life.js'
import { readOrder } from './run-order.js'

/** The runs of a home, from their files. */
export class LocalRunStore implements RunStore {
  constructor(readonly home: string) {}

  async *newest(): AsyncGenerator<RunRecord, void> {
    const left = new Set(await this.#names())
    for (const { run_id } of (await readOrder(this.home)).reverse()) {
      if (!left.delete(run_id)) continue
      const record = await readRecord(this.home, run_id)
      if (record) yield withLife(this.home, record)
    }
    yield* await this.#unplaced(left)
  }

  async list(): Promise<RunRecord[]> {
    const records: RunRecord[] = []
    for await (const record of this.newest()) records.push(record)
    return records
  }

  async get(runId: string): Promise<RunRecord> {
    const names = await this.#names()
    const record = names.includes(runId) ? await readRecord(this.home, runId) : undefined
    if (!record) throw unknownRun(runId, names.sort().reverse())
    return withLife(this.home, record)
  }

  async events(runId: string): Promise<RunEvent[]> {
    const { state } = await this.get(runId)
    const events = await readEvents(runFiles(this.home, runId))
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

  /** Runs of version 0.1.0 have no place: they came before, in the order of their clocks; of one moment, by name. */
  async #unplaced(names: ReadonlySet<string>): Promise<RunRecord[]> {
    const found: RunRecord[] = []
    for (const name of names) {
      const record = await readRecord(this.home, name)
      if (record) found.push(await withLife(this.home, record))
    }
    const place = ({ state }: RunRecord): string => `${state.started_at ?? ''} ${state.run_id}`
    return found.sort((a, b) => place(b).localeCompare(place(a)))
  }

  async #names(): Promise<string[]> {
    const folder = join(this.home, 'runs')
    return readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw readError(error, folder)
    })
  }
}
