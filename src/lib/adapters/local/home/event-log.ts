import { closeSync, constants, fdatasyncSync, fstatSync, openSync, writeSync } from 'node:fs'
import { initialRun, type RunEvent, type RunState, reduceRun } from '../../../core/run/events.js'
import { notRegular } from '../../files/io-errors.js'

const PROGRESS_MS = 200

/**
 * The events of a run that this process does: kept in memory for who follows, and appended to a file, each by one
 * write, so that a kill leaves whole lines but the last. Write errors do not throw: a job's progress is no place for
 * them; they are handed to `onError` once.
 */
export class EventLog {
  readonly events: RunEvent[] = []
  state: RunState
  closed = false
  readonly #fd: number
  readonly #onError: (error: unknown) => void
  readonly #lastProgress = new Map<string, { step: string; at: number }>()
  #waiting = Promise.withResolvers<void>()
  #broken = false

  /** @throws EtlError IO, NodeJS.ErrnoException when the file cannot be opened */
  constructor(path: string, runId: string, onError: (error: unknown) => void) {
    const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
    this.#fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK)
    if (!fstatSync(this.#fd).isFile()) throw notRegular(path)
    this.#onError = onError
    this.state = initialRun(runId)
  }

  /** Keeps an event and wakes who follows. Progress of a table is kept a few times a second at most. */
  append(event: RunEvent): void {
    if (this.closed || this.#isTooSoon(event)) return
    this.write(event)
    this.publish(event)
  }

  /** Keeps an event without telling it yet. */
  write(event: RunEvent): void {
    this.state = reduceRun(this.state, event)
    if (this.#broken) return
    try {
      writeSync(this.#fd, `${JSON.stringify(event)}\n`)
      if (event.type !== 'table_progress' && event.type !== 'log') fdatasyncSync(this.#fd)
    } catch (error) {
      this.#broken = true
      this.#onError(error)
    }
  }

  publish(event: RunEvent): void {
    this.events.push(event)
    if (event.type === 'run_closed') {
      this.closed = true
      closeSync(this.#fd)
    }
    this.#waiting.resolve()
    this.#waiting = Promise.withResolvers()
  }

  /** Every event from the first; ends after `run_closed`. @throws the signal's reason */
  async *follow(signal?: AbortSignal): AsyncGenerator<RunEvent, void> {
    const aborted = Promise.withResolvers<never>()
    aborted.promise.catch(() => undefined)
    const abort = (): void => aborted.reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      for (let at = 0; ; at++) {
        while (at >= this.events.length) await Promise.race([this.#waiting.promise, aborted.promise])
        signal?.throwIfAborted()
        const event = this.events[at] as RunEvent
        yield event
        if (event.type === 'run_closed') return
      }
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  #isTooSoon(event: RunEvent): boolean {
    if (event.type !== 'table_progress') return false
    const key = `${event.layer}/${event.table}`
    const at = Date.parse(event.at)
    const last = this.#lastProgress.get(key)
    if (last && last.step === event.step && at - last.at < PROGRESS_MS) return true
    this.#lastProgress.set(key, { step: event.step, at })
    return false
  }
}
