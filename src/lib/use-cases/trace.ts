import type { TraceFacts } from '../core/trace/facts.js'
import type { TraceKey } from '../core/trace/key.js'
import { tablesOf } from '../core/trace/sql.js'
import { type Traced, tracedOf } from '../core/trace/verdict.js'
import type { RunStore } from '../ports/run-store.js'
import type { Trace } from '../ports/trace.js'
import type { Warehouse } from '../ports/warehouse.js'
import { type TraceSql, traceWarehouse } from './trace-warehouse.js'

export interface TracePorts {
  trace: Trace
  /** Opened once: it is not held while the source is read. */
  warehouse(): Promise<Warehouse>
  runs: RunStore
  sql: TraceSql
}

/** Records of the source that are shown of one key; all are counted. */
const MOST_RECORDS = 10

/**
 * Where a key is, place by place. The warehouse is asked first, then the lake, and then the source as it is at that
 * moment: one after another, so that a run that goes on meanwhile may show in the later places alone.
 * @throws EtlError NO_WAREHOUSE
 */
export async function traceRow(
  ports: TracePorts,
  key: TraceKey,
  { newest, signal, progress }: { newest: number; signal: AbortSignal; progress(text: string): void },
): Promise<{ traced: Traced; next: string[] }> {
  const names = tablesOf(key)
  const stored = await fromWarehouse(ports, key, newest)
  progress('looking into the lake')
  const lake = key.kind === 'user' ? undefined : await ports.trace.lake(key, names, signal)
  progress('reading the source')
  const sources = await ports.trace.source(key, names, key.kind === 'user' ? 0 : MOST_RECORDS, signal)
  const facts: TraceFacts = {
    ...{ key, curated: stored.curated, feeds: stored.feeds, build: stored.build },
    tables: names.map((table) => {
      const unread = { name: table, failure: 'it was not read', records: [], good: 0, bad: 0, keys: 0 }
      const none = { raw: { rows: 0, row: null, newest: [] }, quarantine: [], loads: [] }
      return {
        ...{ table, source: sources.get(table) ?? unread, lake: lake?.get(table) ?? null },
        ...(stored.tables.get(table) ?? none),
      }
    }),
  }
  const { traced, next } = tracedOf(facts)
  return { traced, next: await thatWork(next, ports.runs) }
}

async function fromWarehouse(ports: TracePorts, key: TraceKey, newest: number) {
  await using warehouse = await ports.warehouse()
  return await traceWarehouse(warehouse, key, { sql: ports.sql, newest })
}

/** Without those that show a run whose record is gone. */
async function thatWork(commands: readonly string[], runs: RunStore): Promise<string[]> {
  const kept: string[] = []
  for (const command of commands) {
    const runId = /^rental-etl runs show (\S+)$/.exec(command)?.[1]
    const isThere =
      runId === undefined ||
      (await runs.get(runId).then(
        () => true,
        () => false,
      ))
    if (isThere) kept.push(command)
  }
  return kept
}
