import { Box, Text } from 'ink'
import type { RunState } from '../core/run/events.js'
import type { LayerName, LayerResult, LayerStatus, TableFlow } from '../core/run/run.js'
import { countText, durationText } from './format.js'
import { flowSummary } from './run-report.js'
import { stopHint } from './run-view-options.js'

export interface RunTreeProps {
  state: RunState
  /** Milliseconds since 1970. */
  now: number
  width: number
  source: string
  /** False for plain text. */
  color: boolean
  detaches: boolean
  /** The last frame: nothing moves any more. */
  over: boolean
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const NAME_WIDTH = 26

/** Layers and their tables: state, attempt, time, rows. */
export function RunTree({ state, now, width, source, color, detaches, over }: RunTreeProps) {
  // What is cut at the end is the source: the hint has to be read.
  const hint = over ? '' : ` · ${stopHint(detaches)}`
  return (
    <Box flexDirection="column" width={width}>
      <Text wrap="truncate-end">
        <Text bold={color}>run {state.run_id}</Text>
        <Text dimColor={color}>{hint}</Text> · as of {state.as_of} · {source}
      </Text>
      {state.layers.map((layer) => (
        <Layer key={layer.layer} layer={layer} state={state} now={now} color={color} />
      ))}
    </Box>
  )
}

interface LayerProps extends Pick<RunTreeProps, 'state' | 'now' | 'color'> {
  layer: LayerResult
}

function Layer({ layer, state, now, color }: LayerProps) {
  const tables = tablesOf(layer, state)
  return (
    <Box flexDirection="column">
      <Text wrap="truncate-end">
        <Text {...(color ? { color: COLORS[layer.status] } : {})}>{glyph(layer.status, now)}</Text>{' '}
        <Text bold={color && layer.status === 'running'}>{layer.layer.padEnd(8)}</Text>{' '}
        <Text dimColor={color}>{layerNote(layer, now)}</Text>
      </Text>
      {tables.map(({ table, text, done }) => (
        <Text key={table} wrap="truncate-end" dimColor={color && done}>
          {'    '}
          {table.padEnd(NAME_WIDTH)}
          {text}
        </Text>
      ))}
    </Box>
  )
}

/** Tables that are done, then those under way. */
function tablesOf(layer: LayerResult, state: RunState): { table: string; text: string; done: boolean }[] {
  const done = layer.tables.map((flow: TableFlow) => ({
    table: flow.table,
    text: flowSummary(layer.layer, flow),
    done: true,
  }))
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
  if (layer.status === 'skipped') return layer.done_by ? `skipped: done by run ${layer.done_by}` : 'skipped'
  const ms = layer.duration_ms ?? (layer.started_at === null ? 0 : Math.max(0, now - Date.parse(layer.started_at)))
  return `${durationText(ms)}${layer.attempts > 1 ? `, attempt ${layer.attempts}` : ''}${layer.status === 'running' ? '' : ` ${layer.status}`}`
}

function glyph(status: LayerStatus, now: number): string {
  if (status === 'running') return SPINNER[Math.floor(now / 100) % SPINNER.length] as string
  return GLYPHS[status]
}

const GLYPHS: Record<Exclude<LayerStatus, 'running'>, string> = {
  pending: '·',
  succeeded: '✓',
  failed: '✗',
  canceled: '■',
  skipped: '–',
}
const COLORS: Record<LayerStatus, string> = {
  pending: 'gray',
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  canceled: 'yellow',
  skipped: 'gray',
}
