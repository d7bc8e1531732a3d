import type { LogLine } from '../core/run/log-line.js'
import { paint } from './paint.js'

/** A line of a run's log, in columns; what went wrong has its colour. */
export function logText({ at, level, layer, message }: LogLine): string {
  const text = `${level.padEnd(5)} ${(layer ?? 'run').padEnd(8)} ${message}`
  return `${paint('dim', at)} ${level === 'info' ? text : paint(level === 'warn' ? 'yellow' : 'red', text)}`
}
