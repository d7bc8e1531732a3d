import { Command, type Interfaces } from '@oclif/core'
import { EtlError, EXIT, type ExitName } from '../core/errors.js'
import { placeFlags } from '../core/words/command-line.js'
import { type PlaceFlags, pasteable } from '../core/words/paste.js'
import type { FollowOptions } from '../ports/orchestrator.js'
import type { ResultStream } from '../ports/warehouse.js'
import type { Runtime } from '../runtime.js'
import { inForeground } from '../ui/foreground.js'
import { progressLine } from '../ui/progress.js'
import type { Form } from '../ui/tabular/options.js'
import { envelope, toJson } from './envelope.js'
import { type Failure, failureOf } from './failure.js'
import { FlagFault } from './flags.js'
import { globalFlags } from './global-flags.js'
import { asksForJson } from './json-words.js'
import {
  assertWritten,
  guardStream,
  isLive,
  labeled,
  OutputClosed,
  say,
  sayFailure,
  sayRaw,
  widthOf,
  write,
} from './output.js'
import type { TableOptions } from './show-table.js'
import { onStop } from './signals.js'

export type InferredFlags<T extends typeof Command> = Interfaces.InferredFlags<
  (typeof BaseCommand)['baseFlags'] & T['flags']
>
export type InferredArgs<T extends typeof Command> = Interfaces.InferredArgs<T['args']>

export { tabularFlags } from './flags.js'

/**
 * What every command shares: the global flags, one way to print, one way to fail. `run()` returns the `result` of the
 * JSON envelope; a command that used `showTable` returns undefined.
 */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override enableJsonFlag = true
  static override baseFlags = globalFlags()

  protected flags!: InferredFlags<T>
  protected args!: InferredArgs<T>
  /** Envelope's run_id. */
  protected runId: string | undefined
  readonly #abort = new AbortController()
  readonly #warnings: string[] = []
  readonly #next: string[] = []
  readonly #progress = progressLine(process.stderr, isLive(process.stderr) && inForeground())
  #exit: ExitName | undefined
  #shown = false
  #runtime: Promise<Runtime> | undefined
  #home: string | undefined

  /** Aborted by Ctrl-C or SIGTERM; the reason is an EtlError INTERRUPTED. */
  protected get signal(): AbortSignal {
    return this.#abort.signal
  }

  override async init(): Promise<void> {
    const { args, flags } = await this.parse(this.ctor).catch((error) => {
      throw error instanceof FlagFault ? error.told : error
    })
    this.flags = withFalse(flags, this.ctor.flags) as InferredFlags<T>
    this.args = args as InferredArgs<T>
  }

  /** True with `--json` and with `-o json`, also before the flags are parsed. */
  override jsonEnabled(): boolean {
    return super.jsonEnabled() || asksForJson(this.argv)
  }

  /** Adapters of the chosen target; the same ones each time. */
  protected runtime(): Promise<Runtime> {
    this.#runtime ??= import('../runtime.js').then(async ({ createRuntime }) => {
      const runtime = await createRuntime(this.flags, (text) => this.warning(text))
      this.#home = runtime.home
      return runtime
    })
    return this.#runtime
  }

  /** How a run is followed: until Ctrl-C, and past looks at it that fail. */
  protected following(): FollowOptions & { signal: AbortSignal } {
    const onTrouble = (error: unknown): void =>
      this.warning(
        `cannot look at the run just now, and looks again: ${error instanceof Error ? error.message : error}`,
      )
    return { signal: this.signal, onTrouble }
  }

  protected viewMode(watch: boolean): 'live' | 'lines' | 'silent' {
    if (this.jsonEnabled()) return 'silent'
    return watch && isLive(process.stderr) && inForeground() ? 'live' : 'lines'
  }

  /** Columns of what is printed on stdout. */
  protected get width(): number {
    return widthOf(process.stdout)
  }

  /** Lines of the result, on stdout. @param options `whole` for lines to paste, which are never broken */
  protected out(text: string, options: { whole?: boolean } = {}): void {
    if (this.jsonEnabled()) return
    this.#progress.clear()
    say(process.stdout, text, options)
  }

  /** Text for a program or a file, byte for byte. */
  protected outRaw(text: string): void {
    if (!this.jsonEnabled()) sayRaw(process.stdout, text)
  }

  /** Something beside the result, on stderr. */
  protected note(text: string): void {
    if (this.jsonEnabled()) return
    this.#progress.clear()
    say(process.stderr, text)
  }

  /** What is being done just now: a line on a terminal that goes as soon as anything else is printed. */
  protected progress(text: string): void {
    if (!this.jsonEnabled()) this.#progress.show(text)
  }

  /** @param options `told` when it was printed already. What was said once is not said again. */
  protected warning(text: string, { told = false } = {}): void {
    if (this.#warnings.includes(text)) return
    this.#warnings.push(text)
    if (!told) this.note(labeled('warning', text))
  }

  /** Commands to type after this one. */
  protected next(...commands: string[]): void {
    this.#next.push(...commands.map((command) => this.paste(command)))
  }

  /** A command to paste, for the home and the source that this one was given. */
  protected paste(command: string): string {
    const flags: PlaceFlags & { 'as-of'?: string } = this.flags ?? placeFlags(this.argv)
    return pasteable(command, { ...flags, as_of: flags['as-of'] })
  }

  /** Reads from another source than the flags say, from now on. */
  protected switchSource(source: string): void {
    this.flags = { ...this.flags, source }
    this.#runtime = undefined
  }

  /** The exit code, in text and JSON alike; without it 0, or 130 after Ctrl-C. */
  protected exitWith(name: ExitName): void {
    this.#exit = name
  }

  /** Prints a tabular result as `--output` says, or streams the whole JSON envelope. */
  protected async showTable(stream: ResultStream, options: TableOptions = {}): Promise<void> {
    this.#shown = true
    this.#progress.clear()
    const { showTable } = await import('./show-table.js')
    const parts = { command: this.#command(), runId: this.runId, warnings: this.#warnings, next: this.#next }
    const given = this.flags as { output?: Form }
    await showTable(stream, {
      ...options,
      output: this.jsonEnabled() ? 'json' : (options.output ?? given.output ?? 'table'),
      parts: () => ({ ...parts, exit: this.#exit ?? 'ok' }),
      failure: (error) => this.#failure(error),
      setExit: (name) => this.exitWith(name),
      signal: this.signal,
      note: (text) => this.note(text),
    })
  }

  protected override async _run<R>(): Promise<R> {
    for (const stream of [process.stdout, process.stderr]) guardStream(stream)
    const off = onStop((error) => this.#abort.abort(error))
    let result: unknown
    try {
      await this.init()
      result = await this.run()
      await assertWritten(process.stdout)
      await this.#succeed(result)
    } catch (error) {
      await this.catch(error as Error)
    } finally {
      off()
    }
    return result as R
  }

  /** Prints any failure, as text or JSON, and sets the exit code; nothing is thrown on. */
  override async catch(error: Error): Promise<void> {
    if (error instanceof OutputClosed) {
      process.exitCode = EXIT[this.#exit ?? 'ok']
      return
    }
    this.#progress.clear()
    const failure = await this.#failure(error)
    process.exitCode = EXIT[failure.exit]
    const parts = {
      ...failure,
      command: this.#command(),
      runId: this.runId,
      warnings: this.#warnings,
      next: this.#next,
    }
    if (!this.jsonEnabled()) return sayFailure(failure.error)
    await write(process.stdout, `${toJson(envelope(parts), 2)}\n`).catch((unwritten) => {
      // Where stdout takes nothing any more, it is told at least.
      if (!(unwritten instanceof OutputClosed)) sayFailure(failure.error)
    })
  }

  async #succeed(result: unknown): Promise<void> {
    this.#progress.clear()
    const exit = this.#exit ?? (this.signal.aborted ? 'interrupted' : 'ok')
    process.exitCode = EXIT[exit]
    if (this.jsonEnabled()) {
      if (this.#shown) return
      const parts = { command: this.#command(), runId: this.runId, warnings: this.#warnings, next: this.#next, exit }
      await write(process.stdout, `${toJson(envelope({ ...parts, result }), 2)}\n`)
    } else for (const command of this.#next) this.note(labeled('next', command))
  }

  /** After Ctrl-C whatever was thrown comes of it, unless it is an expected failure of its own. */
  async #failure(error: unknown): Promise<Failure> {
    const expected = error instanceof EtlError
    // While a question is asked, Ctrl-C is a key that the terminal does not turn into a signal.
    const key = error instanceof Error && error.name === 'AbortError'
    const interrupted = new EtlError('interrupted by Ctrl-C', { code: 'INTERRUPTED' })
    const cause = expected ? error : this.signal.aborted ? this.signal.reason : key ? interrupted : error
    const flags = Object.keys({ ...BaseCommand.baseFlags, ...this.ctor.flags, json: true })
    const needs = Object.values(this.ctor.args ?? {}).filter(({ required }) => required).length
    const failure = await failureOf(cause, { command: this.#command(), flags, needs }, this.#home)
    const suggestions = failure.error.suggestions.map((command) => this.paste(command))
    return { ...failure, error: { ...failure.error, suggestions } }
  }

  #command(): string {
    return (this.id ?? '').replaceAll(':', ' ')
  }
}

/** A boolean flag that was not given is false, as its type says; the parser leaves it out. */
function withFalse(given: Record<string, unknown>, known: typeof Command.flags): Record<string, unknown> {
  const off = Object.entries(known ?? {}).filter(([, { type }]) => type === 'boolean')
  return { ...Object.fromEntries(off.map(([name]) => [name, false])), ...given }
}
