import { toLine } from '../core/run/log-line.js'
import type { LayerName } from '../core/run/run.js'
import { paint } from './paint.js'
import { type RunView, type RunViewOptions, stopHint } from './run-view-options.js'
import { toTerminal } from './terminal.js'

/** The view for a mode: a live tree, a line for each event, or nothing. */
export async function createRunView(mode: 'live' | 'lines' | 'silent', options: RunViewOptions): Promise<RunView> {
  if (mode === 'live') return (await import('./run-live.js')).liveView(options)
  if (mode === 'lines') return linesView(options)
  return { onEvent: () => undefined, close: async () => undefined }
}

function linesView({ stream, source, detaches, ended, color }: RunViewOptions): RunView {
  const say = (at: string, layer: LayerName | null, message: string): void => {
    // A log is read on another day, and by somebody who cannot press Ctrl-C.
    const time = stream.isTTY ? at.slice(11, 19) : at.replace(/\.\d+Z$/, 'Z')
    const line = `${paint('dim', time)} ${(layer ?? 'run').padEnd(8)} ${message}`
    const width = stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY
    stream.write(`${toTerminal(line, { color, width })}\n`)
  }
  return {
    onEvent: (event) => {
      const line = toLine(event)
      if (!line) return
      const hint = ended || !stream.isTTY ? '' : `; ${stopHint(detaches)}`
      const begin = event.type === 'run_started' ? `, source ${source}${hint}` : ''
      const level = line.level === 'info' ? '' : `${paint(line.level === 'warn' ? 'yellow' : 'red', `${line.level}:`)} `
      say(line.at, line.layer, `${level}${line.message}${begin}`)
    },
    close: async () => undefined,
  }
}
