import type { RunState } from '../core/run/events.js'
import type { Counts, LayerName, LayerResult, TableFlow } from '../core/run/run.js'
import type { Cell, ResultColumn } from '../ports/warehouse.js'
import { countText, durationText, wrapped } from './format.js'
import { tableText } from './tabular.js'

export interface RunReportOptions {
  width: number
  color: boolean
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
  // A table keeps to the width by itself, and has a shape that breaking its lines would spoil.
  return lines.flatMap((line) => (line.includes('\n') ? [line] : wrapped(line, options.width))).join('\n')
}

/** What a run would do. */
export async function dryRunReport(
  state: RunState,
  options: Pick<RunReportOptions, 'width' | 'color'>,
): Promise<string> {
  const lines = [`nothing was changed; a run as of ${state.as_of} would do:`]
  for (const { layer, status, done_by, tables } of state.layers) {
    lines.push(
      `  ${layer.padEnd(8)} ${status === 'skipped' ? `nothing${done_by ? `: run ${done_by} did it` : ''}` : 'yes'}`,
    )
    for (const flow of tables) lines.push(`    ${flow.table.padEnd(22)} ${flowSummary('extract', flow)}`)
  }
  return lines.map((line) => (line.length > options.width ? `${line.slice(0, options.width - 1)}…` : line)).join('\n')
}

/** What a layer did to a table, in a few words. */
export function flowSummary(layer: LayerName, flow: TableFlow): string {
  const parts =
    layer === 'extract'
      ? [`${countText(flow.rows_in)} read`, some(flow.rows_out, 'new or changed'), some(flow.deleted, 'gone')]
      : layer === 'raw'
        ? [
            some(flow.inserted, 'inserted'),
            some(flow.updated, 'updated'),
            some(flow.deleted, 'deleted'),
            some(flow.superseded, 'superseded'),
            some(sum(flow.quarantined), 'quarantined'),
            some(sum(flow.nullified), 'values nullified'),
          ]
        : [some(flow.rows_out, 'built'), some(flow.deleted, 'taken out'), some(sum(flow.filtered), 'left out')]
  const told = parts.filter((part) => part !== '')
  const text = told.length > (layer === 'extract' ? 1 : 0) ? told.join(', ') : [...told, 'nothing moved'].join(', ')
  return flow.unexplained === 0 ? text : `${text}, ${countText(flow.unexplained)} UNEXPLAINED`
}

function verdict(state: RunState): string {
  const { status, started_at, closed_at, as_of, run_id } = state
  const lasted = started_at && closed_at ? ` in ${durationText(Date.parse(closed_at) - Date.parse(started_at))}` : ''
  const glyph = { succeeded: '✓', failed: '✗', canceled: '■', running: '…' }[status]
  return `${glyph} run ${run_id} ${status === 'running' ? 'is going on' : status}${lasted}, as of ${as_of}`
}

/** The run's own balance over all tables: what was read, and where each row of it went. */
function balanceLine({ layers }: RunState): string | undefined {
  const read = layers.find(({ layer }) => layer === 'extract')?.tables ?? []
  const loaded = layers.find(({ layer }) => layer === 'raw')?.tables ?? []
  const built = layers.find(({ layer }) => layer === 'curated')?.tables ?? []
  const all = [...read, ...loaded, ...built]
  if (all.length === 0) return undefined
  const total = (flows: readonly TableFlow[], count: (flow: TableFlow) => number): number =>
    flows.reduce((sum, flow) => sum + count(flow), 0)
  const parts = [
    some(
      total(loaded, ({ rows_out }) => rows_out),
      'to raw',
    ),
    some(
      total(loaded, ({ superseded }) => superseded),
      'superseded',
    ),
    some(
      total(loaded, ({ quarantined }) => sum(quarantined)),
      'quarantined',
    ),
    some(
      total(read, ({ unchanged }) => unchanged),
      'unchanged',
    ),
  ].filter((part) => part !== '')
  const rows = read.length > 0 ? total(read, ({ rows_in }) => rows_in) : total(loaded, ({ rows_in }) => rows_in)
  const left = total(all, ({ unexplained }) => unexplained)
  if (read.length === 0 && loaded.length === 0) return `ledger: unexplained ${countText(left)}`
  return `ledger: ${countText(rows)} rows${parts.length > 0 ? ` = ${parts.join(' + ')}` : ''}; unexplained ${countText(left)}`
}

/** Counts of a flow with short headings, so that a layer fits 80 columns. */
const COUNTS = {
  rows_in: 'in',
  rows_out: 'out',
  inserted: 'new',
  updated: 'changed',
  deleted: 'gone',
  unchanged: 'same',
  superseded: 'superseded',
} as const
const MAPS = { quarantined: 'quarantined', nullified: 'nullified', filtered: 'left out' } as const

/** The tables of a layer, without the columns that are 0 for all of them, or that others add up to. */
function layerTable({ layer, tables }: LayerResult, { width, color }: RunReportOptions): Promise<string> {
  const counts = keys(COUNTS).filter((name) => {
    if (name === 'rows_out') return layer !== 'raw'
    return name === 'rows_in' || tables.some((flow) => flow[name] > 0)
  })
  const maps = keys(MAPS).filter((name) => tables.some((flow) => sum(flow[name]) > 0))
  const unexplained = tables.some((flow) => flow.unexplained !== 0) ? ['unexplained'] : []
  const headings = [...counts.map((name) => COUNTS[name]), ...maps.map((name) => MAPS[name]), ...unexplained]
  const columns: ResultColumn[] = [
    { name: layer, type: 'VARCHAR' },
    ...headings.map((name) => ({ name, type: 'BIGINT' })),
  ]
  const rows = tables.map((flow): Cell[] => [
    flow.table,
    ...counts.map((name) => countText(flow[name])),
    ...maps.map((name) => countText(sum(flow[name]))),
    ...unexplained.map(() => countText(flow.unexplained)),
  ])
  return tableText(columns, rows, { width, color })
}

function some(n: number, what: string): string {
  return n === 0 ? '' : `${countText(n)} ${what}`
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, n) => total + n, 0)
}

function keys<Name extends string>(names: Readonly<Record<Name, string>>): Name[] {
  return Object.keys(names) as Name[]
}
