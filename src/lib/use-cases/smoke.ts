import { EtlError } from '../core/errors.js'
import { initialRun, reduceRun, toRunResult } from '../core/run/events.js'
import { sumOf } from '../core/run/flow.js'
import { newRequest } from '../core/run/request.js'
import type { RunResult } from '../core/run/run.js'
import { DEFAULT_SCOPES } from '../core/verify/verify.js'
import type { Clock } from '../ports/clock.js'
import type { Orchestrator } from '../ports/orchestrator.js'
import type { RunStore } from '../ports/run-store.js'
import type { SourceCheck } from '../ports/source-check.js'
import type { StoredAudit } from '../ports/stored-audit.js'
import type { Warehouse } from '../ports/warehouse.js'
import type { Due } from './freshness.js'
import { followOwn } from './start-run.js'
import { verify } from './verify.js'

/** The adapters of a target of its own, in a folder that is thrown away. */
export interface SmokePorts {
  orchestrator: Orchestrator
  warehouse(signal?: AbortSignal): Promise<Warehouse>
  audit: StoredAudit
  source: SourceCheck
  checks: Record<string, string>
  ledger: Record<string, string>
  /** Texts of the views, by name. */
  views: Record<string, string>
  runs: RunStore
  clock: Clock
  asOf: string
  due: Due
}

export interface SmokeStep {
  step: string
  status: 'pass' | 'fail' | 'skip'
  message: string
  duration_ms: number
}

/** Runs the whole pipeline on the sample twice, and looks at everything; ends at the first step that fails. */
export async function* smoke(
  ports: SmokePorts,
  first: SmokeStep[],
  signal: AbortSignal,
): AsyncGenerator<SmokeStep, void> {
  yield* first
  let failed = first.some(({ status }) => status === 'fail')
  const steps: [string, () => Promise<string>][] = [
    [
      'run',
      async () =>
        `${sumOf((await runOnce(ports, 'smoke-1', signal)).layers[1]?.tables ?? [], 'inserted')} rows were loaded`,
    ],
    ['verify', () => verified(ports, signal)],
    ['metrics', () => shown(ports, signal)],
    ['run again', async () => movedNothing(await runOnce(ports, 'smoke-2', signal))],
  ]
  for (const [step, work] of steps) {
    const begin = ports.clock.now().getTime()
    if (failed) {
      yield { step, status: 'skip', message: 'not done: a step before it failed', duration_ms: 0 }
      continue
    }
    const [status, message] = await work().then(
      (text) => ['pass', text] as const,
      (error) => {
        if (!(error instanceof EtlError)) throw error
        return ['fail', error.message] as const
      },
    )
    failed = status === 'fail'
    yield { step, status, message, duration_ms: ports.clock.now().getTime() - begin }
  }
}

async function runOnce({ orchestrator, asOf }: SmokePorts, runId: string, signal: AbortSignal): Promise<RunResult> {
  await orchestrator.start(newRequest({ run_id: runId, as_of: asOf }))
  let state = initialRun(runId)
  for await (const event of followOwn(orchestrator, runId, { signal })) state = reduceRun(state, event)
  signal.throwIfAborted()
  if (state.status === 'succeeded') return toRunResult(state)
  throw failure(`the run ${state.status}: ${state.error?.message}`)
}

async function verified(ports: SmokePorts, signal: AbortSignal): Promise<string> {
  const runs = await ports.runs.list()
  await using warehouse = await ports.warehouse(signal)
  const { ledger, checks } = await verify(
    { ...ports, warehouse, runs },
    { scopes: DEFAULT_SCOPES, overrides: {}, due: ports.due, signal },
  )
  const bad = [...ledger.map(({ table, status }) => ({ name: table, status })), ...checks].filter(
    ({ status }) => status === 'fail' || status === 'skip',
  )
  if (bad.length > 0) throw failure(`not in order: ${bad.map(({ name }) => name).join(', ')}`)
  return `${ledger.length} lines balance, ${checks.length} checks were made`
}

async function shown({ warehouse: open, views }: SmokePorts, signal: AbortSignal): Promise<string> {
  await using warehouse = await open(signal)
  const names = Object.keys(views)
  const counts = names.map((view) => [view, `select count(*) as n from presentation.${view}`])
  const rows = await warehouse.read<Record<string, { n: string }>>(Object.fromEntries(counts))
  const empty = names.find((view) => Number(rows[view]?.[0]?.n ?? 0) === 0)
  if (empty !== undefined) throw failure(`${empty} is empty`)
  return `${names.length} views have rows`
}

function movedNothing({ layers }: RunResult): string {
  const tables = layers.flatMap((layer) => layer.tables)
  const moved = sumOf(tables, 'inserted', 'updated', 'deleted')
  if (moved > 0) throw failure(`a second run moved ${moved} rows`)
  return 'a second run moved 0 rows'
}

function failure(message: string): EtlError {
  return new EtlError(message, { code: 'JOB_FAILED', suggestions: ['rental-etl doctor'] })
}
