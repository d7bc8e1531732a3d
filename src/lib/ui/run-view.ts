import type { RunEvent, RunState } from '../core/events.js'
import { toLine } from '../core/log-line.js'
import type { LayerName } from '../core/run.js'

export interface RunViewOptions {
  stream: NodeJS.WriteStream
  /** Without any password. */
  source: string
  /** Ctrl-C leaves the run going on. */
  detaches: boolean
  clock: { now(): Date }
}

/** A view of a run that is going on; the state is the fold of the events so far. */
export interface RunView {
  onEvent(event: RunEvent, state: RunState): void
  /** Leaves the last frame standing. */
  close(state: RunState): Promise<void>
}

/** The view for a mode: a live tree, a line for each event, or nothing. */
export async function createRunView(mode: 'live' | 'lines' | 'silent', options: RunViewOptions): Promise<RunView> {
  if (mode === 'live') return (await import('./run-live.js')).liveView(options)
  if (mode === 'lines') return linesView(options)
  return { onEvent: () => undefined, close: async () => undefined }
}

/** What Ctrl-C does, for the first line of a view. */
export function stopHint(detaches: boolean): string {
  return detaches ? 'Ctrl-C ends the watching; the run goes on' : 'Ctrl-C stops the run cleanly'
}

function linesView({ stream, source, detaches }: RunViewOptions): RunView {
  const say = (at: string, layer: LayerName | null, message: string): void => {
    stream.write(`${at.slice(11, 19)} ${(layer ?? 'run').padEnd(8)} ${message}\n`)
  }
  return {
    onEvent: (event) => {
      const line = toLine(event)
      if (!line) return
      const begin = event.type === 'run_started' ? `, source ${source}; ${stopHint(detaches)}` : ''
      const level = line.level === 'info' ? '' : `${line.level}: `
      say(line.at, line.layer, `${level}${line.message}${begin}`)
    },
    close: async () => undefined,
  }
}
