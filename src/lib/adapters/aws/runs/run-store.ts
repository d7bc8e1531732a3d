import type { RunEvent } from '../../../core/run/events.js'
import type { RunRecord, RunStore } from '../../../ports/run-store.js'
import { type AwsRunOptions, RunReader } from './run-reader.js'

/** How many runs are read at once, when many are asked for. */
const AT_ONCE = 16

/**
 * The runs of a workflow: the executions that Step Functions still knows, newest first, and before them those of which only
 * the record on S3 is left.
 */
export class AwsRunStore implements RunStore {
  readonly #reader: RunReader
  readonly #options: AwsRunOptions

  constructor(options: AwsRunOptions) {
    this.#reader = new RunReader(options)
    this.#options = options
  }

  async *newest(): AsyncGenerator<RunRecord, void> {
    const seen = new Set<string>()
    let size = 1
    for await (const page of this.#reader.executions.pages()) {
      for (const { name } of page) seen.add(name ?? '')
      for (let at = 0; at < page.length; ) {
        const part = page.slice(at, at + size)
        at += size
        size = Math.min(size * 2, AT_ONCE)
        for (const record of await Promise.all(part.map((execution) => this.#reader.listed(execution))))
          if (record) yield record
      }
    }
    yield* await this.#older(seen)
  }

  async list(): Promise<RunRecord[]> {
    const records: RunRecord[] = []
    for await (const record of this.newest()) records.push(record)
    return records
  }

  async get(runId: string): Promise<RunRecord> {
    const record = await this.#reader.record(runId)
    if (!record) throw await this.#reader.unknown(runId)
    return record
  }

  async events(runId: string): Promise<RunEvent[]> {
    const events = await this.#reader.events(runId)
    if (!events) throw await this.#reader.unknown(runId)
    return events
  }

  async remove(runId: string, { keepManifest }: { keepManifest: boolean }): Promise<void> {
    // What Step Functions still knows would come back.
    const isKnown = (await this.#reader.executions.describe(runId)) !== undefined
    const note = isKnown ? { at: this.#options.clock.now().toISOString() } : undefined
    await this.#reader.files.remove(runId, { keepManifest, note })
  }

  /** Runs that Step Functions has forgotten, newest first. */
  async #older(seen: ReadonlySet<string>): Promise<RunRecord[]> {
    const names = (await this.#reader.files.names()).filter((name) => !seen.has(name))
    const records: RunRecord[] = []
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const part = names.slice(at, at + AT_ONCE)
      const found = await Promise.all(part.map((name) => this.#reader.files.record(name)))
      records.push(...found.filter((record) => record !== undefined))
    }
    const place = ({ state }: RunRecord): string => `${state.started_at ?? ''} ${state.run_id}`
    return records.sort((a, b) => (place(a) < place(b) ? 1 : -1))
  }
}
