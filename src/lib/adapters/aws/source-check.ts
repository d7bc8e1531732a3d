import { EtlError } from '../../core/errors.js'
import { SOURCE_TABLES } from '../../core/model.js'
import type { LastLoad } from '../../core/run/look.js'
import type { RunRequest } from '../../core/run/request.js'
import type { TableFlow } from '../../core/run/run.js'
import { runStart } from '../../core/run/run-id.js'
import { contentChecks, rowsCheck } from '../../core/verify/source-checks.js'
import type { CheckResult } from '../../core/verify/verify.js'
import type { SourceCheck } from '../../ports/source-check.js'
import type { Row, Warehouse } from '../../ports/warehouse.js'
import { type Looks, WHOLE } from './looks/looks.js'

interface LoadRow extends Row {
  table_name: string
  seq: string
  run_id: string
  bookmark: string | null
  source_rows: string
  loaded_at: string
}

const SHOWN = 5

/** The newest load of each table. */
const LOADS = `select l.table_name, l.seq, l.run_id, l.bookmark, l.source_rows, l.loaded_at
  from raw_data.load_log l
  join (select table_name, max(seq) as seq from raw_data.load_log group by table_name) n
    on n.table_name = l.table_name and n.seq = l.seq`

/**
 * What looks at the source of a target on AWS, by its job: the source is reached from its own network alone. What can look is
 * asked for when it is needed: a stack of an older version has none.
 */
export class AwsSourceCheck implements SourceCheck {
  constructor(
    private readonly looks: () => Promise<Pick<Looks, 'look'>>,
    private readonly warehouse: (signal: AbortSignal) => Promise<Warehouse>,
  ) {}

  async plan(request: RunRequest, signal: AbortSignal): Promise<TableFlow[]> {
    const { tables } = await (await this.looks()).look({ kind: 'plan' }, request, signal)
    return tables.map(({ flow }) => flow)
  }

  async compare(signal: AbortSignal = new AbortController().signal): Promise<CheckResult[]> {
    const loads = await this.#loads(signal)
    const seq = Math.max(0, ...[...loads.values()].map((load) => Number(load.seq)))
    const asked = Object.fromEntries(SOURCE_TABLES.map(({ name }) => [name, lastLoad(loads.get(name))]))
    const { raw_seq, tables } = await (await this.looks()).look({ kind: 'checksum', tables: asked }, WHOLE, signal)
    if (raw_seq !== seq) throw hasLoaded()
    return tables.flatMap(({ table, ...found }) => {
      const sample = [...found.sample, ...found.bad_sample].slice(0, SHOWN)
      const how = `the live source of ${table}, typed, against raw by value, by a job to which load ${seq} was unloaded`
      return contentChecks(table, how, asked[table]?.started, {
        ...{ bad: found.differing + found.bad, sample, moved: found.moved, movedSample: found.moved_sample },
      })
    })
  }

  async count(signal: AbortSignal = new AbortController().signal): Promise<CheckResult[]> {
    const loads = await this.#loads(signal)
    const { tables } = await (await this.looks()).look({ kind: 'rows' }, WHOLE, signal)
    return tables.map(({ table, rows }) => rowsCheck(table, rows, Number(loads.get(table)?.source_rows ?? 0)))
  }

  /** A database has no lines. */
  async lineOf(): Promise<undefined> {
    return undefined
  }

  async #loads(signal: AbortSignal): Promise<Map<string, LoadRow>> {
    await using warehouse = await this.warehouse(signal)
    const { loads } = await warehouse.read<{ loads: LoadRow }>({ loads: LOADS })
    return new Map(loads.map((load) => [load.table_name, load]))
  }
}

function lastLoad(load: LoadRow | undefined): LastLoad | null {
  if (!load) return null
  const started = runStart(load.run_id) ?? load.loaded_at.slice(0, 19).replace('T', ' ')
  return { position: load.bookmark, started }
}

function hasLoaded(): EtlError {
  return new EtlError('a run has loaded while the source was read', {
    code: 'LOCKED',
    suggestions: ['rental-etl verify --scope checksum   # once more'],
  })
}
