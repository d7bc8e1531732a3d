import { EtlError, EXIT } from '../core/errors.js'

/** Within this time a second signal is the first one once more: the terminal tells a process, and so does its parent. */
const ECHO_MS = 400

/**
 * Calls back at the first Ctrl-C or SIGTERM, with what the work is to be aborted with; the second one ends the process.
 * @returns what takes the handlers away
 */
export function onStop(stop: (reason: EtlError) => void): () => void {
  let first: number | undefined
  const handle = (signal: NodeJS.Signals): void => {
    const now = Date.now()
    if (first === undefined) {
      first = now
      const reason = signal === 'SIGINT' ? 'interrupted by Ctrl-C' : 'stopped by SIGTERM'
      stop(new EtlError(reason, { code: 'INTERRUPTED' }))
    } else if (now - first > ECHO_MS) {
      process.exit(EXIT.interrupted)
    }
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.removeListener(signal, handle)
  }
}
