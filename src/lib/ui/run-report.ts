import { type RunState, runDuration } from '../core/run/events.js'
import { countOf, FLOW_COUNTS, flowCounts, isIdle, sumOf } from '../core/run/flow.js'
import type { LayerName, LayerResult, TableFlow } from '../core/run/run.js'
import { countText } from '../core/words/count-text.js'
import type { Cell, ResultColumn } from '../ports/warehouse.js'
import { durationText } from './format.js'
import { glyph, paint, styleOf } from './paint.js'
import { tableText } from './tabular/index.js'

export interface RunReportOptions {
  width: number
  /** Lines of the log of a failed run that say why. */
  logLines: readonly string[]
  /** Also what was done to each table, which a live view has shown already. */
  tables: boolean
  /** Why it failed, where nothing else says it. */
  error: boolean
}

/** What came of a run: the verdict, the ledger in one line, the tables; of a failed run the layer and its last lines. */
export async function runReport(state: RunState, options: RunReportOptions): Promise<string> {
  const lines: string[] = []
  if (options.tables) {
    for (const layer of state.layers) if (layer.tables.length > 0) lines.push(await layerTable(layer, options), '')
  }
  lines.push(verdict(state))
  const balance = balanceLine(state)
  if (balance) lines.push(balance)
  if (options.error && state.error && state.status !== 'succeeded') {
    const { layer, message } = state.error
    lines.push(`${layer ? `layer ${layer}` : 'the run'}: ${message}`)
  }
  if (options.logLines.length > 0) lines.push('its log:', ...options.logLines.map((line) => `  ${line}`))
  return lines.join('\n')
}

/** What a run would do. */
export function dryRunReport(state: RunState): string {
  const lines = [`nothing was changed; a run as of ${state.as_of} would do:`]
  for (const { layer, status, done_by, tables } of state.layers) {
    lines.push(
      `  ${layer.padEnd(8)} ${status === 'skipped' ? `nothing${done_by ? `: run ${done_by} did it` : ''}` : 'yes'}`,
    )
    for (const flow of tables) lines.push(`    ${flow.table.padEnd(22)}  ${flowSummary('extract', flow)}`)
  }
  return lines.join('\n')
}

/** Of a run that read by bookmarks alone, since when nothing else was looked for. @param first the first such run */
export function unreconciledLine({ run_id, started_at }: Pick<RunState, 'run_id' | 'started_at'>): string {
  const when = started_at ? ` of ${started_at.slice(0, 16).replace('T', ' ')}` : ''
  return `not reconciled since run ${run_id}${when}: changes and deletions behind the bookmarks were not looked for`
}

/** What a layer did to a table, in a few words: of those that load, the rows in and out are what the others add up to. */
export function flowSummary(layer: LayerName, flow: TableFlow): string {
  return flowCounts(flow, { brief: layer !== 'extract' })
}

function verdict(state: RunState): string {
  const { status, as_of, run_id } = state
  const duration = runDuration(state)
  const lasted = duration === null ? '' : ` in ${durationText(duration)}`
  const word = paint(styleOf(status), status === 'running' ? 'is going on' : status)
  return `${glyph(status)} run ${run_id} ${word}${lasted}, as of ${as_of}`
}

/** The run's own balance over all tables: what was read, and where each row of it went. */
function balanceLine({ layers }: RunState): string | undefined {
  const [read = [], loaded = [], built = []] = (['extract', 'raw', 'curated'] as const).map(
    (name) => layers.find(({ layer }) => layer === name)?.tables,
  )
  const all = [...read, ...loaded, ...built]
  if (all.length === 0) return undefined
  const left = all.reduce((sum, flow) => sum + flow.unexplained, 0)
  const unexplained = `unexplained ${left === 0 ? '0' : paint('red', countText(left))}`
  if (read.length === 0 && loaded.length === 0) return `ledger: ${unexplained}`
  const parts = [
    ...(['rows_out', 'superseded', 'quarantined'] as const).map((name) => [name, sumOf(loaded, name)] as const),
    ['unchanged', sumOf(read, 'unchanged')] as const,
  ]
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${countText(n)} ${name.replace('_', ' ')}`)
  const rows = sumOf(read.length > 0 ? read : loaded, 'rows_in')
  return `ledger: ${countText(rows)} rows in${parts.length > 0 ? ` = ${parts.join(' + ')}` : ''}; ${unexplained}`
}

/** The tables of a layer on which it had something to do, without the columns that are 0 for all of them. */
async function layerTable({ layer, tables }: LayerResult, { width }: RunReportOptions): Promise<string> {
  const busy = tables.filter((flow) => !isIdle(flow))
  if (busy.length === 0) return `${layer}: nothing moved in ${tables.length} tables`
  const counts = FLOW_COUNTS.filter((name) => {
    // What is inserted and updated in raw is what goes out.
    if (name === 'rows_out' && layer === 'raw') return false
    return sumOf(busy, name) > 0
  })
  const unexplained = busy.some((flow) => flow.unexplained !== 0) ? ['unexplained'] : []
  const columns: ResultColumn[] = [
    { name: layer, type: 'VARCHAR' },
    ...[...counts, ...unexplained].map((name) => ({ name, type: 'BIGINT' })),
  ]
  const rows = busy.map((flow): Cell[] => [
    flow.table,
    ...counts.map((name) => countText(countOf(flow, name))),
    ...unexplained.map(() => countText(flow.unexplained)),
  ])
  return tableText(columns, rows, width)
}
