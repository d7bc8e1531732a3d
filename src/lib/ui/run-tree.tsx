import { Box, Text } from 'ink'
import type { RunState } from '../core/run/events.js'
import type { LayerName, LayerResult, LayerStatus } from '../core/run/run.js'
import { countText } from '../core/words/count-text.js'
import { durationText } from './format.js'
import { sign, styleOf } from './paint.js'
import { flowSummary } from './run-report.js'
import { stopHint } from './run-view-options.js'
import { visible } from './terminal.js'

export interface RunTreeProps {
  state: RunState
  /** Milliseconds since 1970. */
  now: number
  width: number
  /** Lines that there is room for; Infinity for the last frame, which stays and may be scrolled. */
  height: number
  source: string
  detaches: boolean
  /** The last frame: nothing moves any more. */
  over: boolean
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const NAME_WIDTH = 26

/** Layers and their tables: state, attempt, time, rows. What there is no room for is folded, finished layers first. */
export function RunTree({ state, now, width, height, source, detaches, over }: RunTreeProps) {
  // What is cut at the end is the source: the hint has to be read.
  const hint = over ? '' : ` · ${stopHint(detaches)}`
  return (
    <Box flexDirection="column" width={width}>
      <Text wrap="truncate-end">
        <Text bold>run {visible(state.run_id)}</Text>
        <Text dimColor>{hint}</Text> · as of {state.as_of} · {visible(source)}
      </Text>
      {fitting(state, height - 1).map(({ layer, tables }) => (
        <Layer key={layer.layer} layer={layer} tables={tables} now={now} />
      ))}
    </Box>
  )
}

interface Line {
  table: string
  text: string
  done: boolean
}

interface Shown {
  layer: LayerResult
  tables: Line[]
}

function Layer({ layer, tables, now }: Shown & { now: number }) {
  return (
    <Box flexDirection="column">
      <Text wrap="truncate-end">
        <Text color={styleOf(layer.status)}>{layerSign(layer.status, now)}</Text>{' '}
        <Text bold={layer.status === 'running'}>{layer.layer.padEnd(8)}</Text>{' '}
        <Text dimColor>{layerNote(layer, now)}</Text>
      </Text>
      {tables.map(({ table, text, done }) => (
        <Text key={table} wrap="truncate-end" dimColor={done}>
          {'    '}
          {visible(table).padEnd(NAME_WIDTH)}
          {visible(text)}
        </Text>
      ))}
    </Box>
  )
}

/** The layers in so many lines: finished ones lose their tables first, then the running one those that are done. */
function fitting(state: RunState, lines: number): Shown[] {
  const shown = state.layers.map((layer): Shown => ({ layer, tables: tablesOf(layer, state) }))
  const over = (): number => shown.reduce((sum, { tables }) => sum + 1 + tables.length, 0) - lines
  for (const one of shown) if (over() > 0 && one.layer.status !== 'running') one.tables = []
  for (const one of shown) if (over() > 0) one.tables = one.tables.slice(over())
  if (over() <= 0) return shown
  // Not even the layers fit: the one that is going on, or the last that ended, is what matters.
  const at = shown.findLastIndex(({ layer }) => layer.status !== 'pending')
  const end = Math.max(at + 1, Math.min(lines, shown.length))
  return shown.slice(Math.max(0, end - Math.max(0, lines)), end)
}

/** Tables that are done, then those under way. */
function tablesOf(layer: LayerResult, state: RunState): Line[] {
  const done = layer.tables.map((flow) => ({ table: flow.table, text: flowSummary(layer.layer, flow), done: true }))
  if (layer.status !== 'running') return done
  const under = Object.entries(state.progress)
    .map(([key, progress]) => ({
      layer: key.split('/')[0] as LayerName,
      table: key.slice(key.indexOf('/') + 1),
      ...progress,
    }))
    .filter((entry) => entry.layer === layer.layer && !layer.tables.some((flow) => flow.table === entry.table))
  return [
    ...done,
    ...under.map(({ table, step, rows }) => ({
      table,
      text: rows > 0 ? `${step} ${countText(rows)} rows` : step,
      done: false,
    })),
  ]
}

function layerNote(layer: LayerResult, now: number): string {
  if (layer.status === 'pending') return ''
  if (layer.status === 'skipped') return layer.done_by ? `skipped: done by run ${visible(layer.done_by)}` : 'skipped'
  const ms = layer.duration_ms ?? (layer.started_at === null ? 0 : Math.max(0, now - Date.parse(layer.started_at)))
  return `${durationText(ms)}${layer.attempts > 1 ? `, attempt ${layer.attempts}` : ''}${layer.status === 'running' ? '' : ` ${layer.status}`}`
}

function layerSign(status: LayerStatus, now: number): string {
  if (status === 'running') return SPINNER[Math.floor(now / 100) % SPINNER.length] as string
  return sign(status)
}
