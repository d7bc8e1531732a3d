import { eventLines, parseEvents } from '../../../core/run/event-lines.js'
import { initialRun, type RunEvent, reduceRun } from '../../../core/run/events.js'
import type { ManifestTable } from '../../../core/run/manifest.js'
import { parseRequest, type RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type LayerName, type TableFlow } from '../../../core/run/run.js'
import type { RunRecord } from '../../../ports/run-store.js'
import type { BucketFiles } from './bucket-files.js'
import { flowOf } from './job-line.js'

const FOLDER = 'runs/'
/**
 * The records of runs on S3, `runs/ID/`: the request from before a run's start; its events and its state once it is over,
 * written by whoever saw its end first, and never again; what its jobs counted; and a note that it was removed.
 */
export class RunFiles {
  constructor(readonly files: BucketFiles) {}

  /** Keeps what a run is asked to do. @returns false when a run of that id has been asked for already */
  createRequest(request: RunRequest): Promise<boolean> {
    return this.files.create(key(request.run_id, 'request.json'), text(request))
  }

  replaceRequest(request: RunRequest): Promise<void> {
    return this.files.write(key(request.run_id, 'request.json'), text(request))
  }

  removeRequest(runId: string): Promise<void> {
    return this.files.remove(key(runId, 'request.json'))
  }

  async hasRequest(runId: string): Promise<boolean> {
    return (await this.files.read(key(runId, 'request.json'))) !== undefined
  }

  /** The record of a run that is over; undefined as long as none is written. */
  async record(runId: string): Promise<RunRecord | undefined> {
    const found = parsed<RunRecord>(await this.files.read(key(runId, 'run.json')))
    const isWhole = found?.state?.layers && found.request?.run_id && found.request.as_of
    return isWhole ? { request: parseRequest(found.request), state: found.state } : undefined
  }

  /** The events of a run that is over; undefined as long as none are written. */
  async events(runId: string): Promise<RunEvent[] | undefined> {
    const events = parseEvents((await this.files.read(key(runId, 'events.jsonl'))) ?? '')
    return events.at(-1)?.type === 'run_closed' ? events : undefined
  }

  /** Keeps a run that is over; of two that do it, the first. @returns what is kept */
  async keep(request: RunRequest, events: readonly RunEvent[]): Promise<RunRecord> {
    const { run_id } = request
    const first = await this.files.create(key(run_id, 'events.jsonl'), eventLines(events))
    const kept = first ? events : ((await this.events(run_id)) ?? events)
    const record = { request, state: kept.reduce(reduceRun, initialRun(run_id)) }
    await this.files.create(key(run_id, 'run.json'), text(record))
    return record
  }

  async isRemoved(runId: string): Promise<boolean> {
    return (await this.files.read(key(runId, 'removed.json'))) !== undefined
  }

  /** Says first that it is no run any more: what a kill leaves after this is not shown. */
  async remove(runId: string, options: { keepManifest: boolean; note: { at: string } | undefined }): Promise<void> {
    if (options.note) await this.files.write(key(runId, 'removed.json'), text(options.note))
    await this.files.remove(key(runId, 'run.json'))
    const kept = ['removed.json', ...(options.keepManifest ? ['manifest.json'] : [])].map((name) => key(runId, name))
    for (const found of await this.files.keys(key(runId, ''))) if (!kept.includes(found)) await this.files.remove(found)
  }

  /** A new run takes the name of one that is forgotten everywhere else. */
  removeNote(runId: string): Promise<void> {
    return this.files.remove(key(runId, 'removed.json'))
  }

  /** Ids of all runs that have left anything. */
  names(): Promise<string[]> {
    return this.files.folders(FOLDER)
  }

  /** What a layer did, as its job counted it, in case that its output is no longer kept. */
  async flows(runId: string, layer: LayerName): Promise<TableFlow[]> {
    const name = layer === 'extract' ? 'manifest' : layer
    const { tables = [] } = parsed<{ tables?: unknown[] }>(await this.files.read(key(runId, `${name}.json`))) ?? {}
    return layer === 'extract'
      ? (tables as ManifestTable[]).map(extractFlow)
      : tables.flatMap((one) => flowOf(one) ?? [])
  }
}

function extractFlow({ table, source_rows, unchanged, tombstones, rejected_by_rule }: ManifestTable): TableFlow {
  const counts = { rows_in: source_rows, rows_out: source_rows - unchanged, unchanged, deleted: tombstones }
  return { ...emptyFlow(table), ...counts, quarantined: rejected_by_rule }
}

function key(runId: string, name: string): string {
  return `${FOLDER}${runId}/${name}`
}

function text(document: object): string {
  return `${JSON.stringify(document)}\n`
}

function parsed<Document>(found: string | undefined): Document | undefined {
  try {
    return found === undefined ? undefined : (JSON.parse(found) as Document)
  } catch {
    return undefined
  }
}
