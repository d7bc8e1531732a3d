import { type IPty, spawn } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'
import { BIN, plainEnvironment } from './cli.js'
import { Screen } from './screen.js'

export interface TerminalOptions {
  columns?: number
  rows?: number
  env?: Record<string, string>
  cwd?: string
}

export interface Terminal {
  screen: Screen
  /** Everything that was written so far, as it was written. */
  raw(): string
  /** Types keys; `\u0003` is Ctrl-C. */
  type(keys: string): void
  /** Another size of the terminal, of which the process is told. */
  resize(columns: number, rows: number): void
  /** Resolves once the screen's text is as wanted. @throws Error with the screen when the process ends before */
  until(wanted: RegExp): Promise<void>
  /** Resolves with the exit code; killed by a signal it is 128 and more, as a shell has it. */
  ended(): Promise<number>
}

/** Runs the built command line on a terminal of that size; it is ended with the test. */
export function onTerminal(args: readonly string[], options: TerminalOptions = {}): Terminal {
  return terminal(process.execPath, [BIN, ...args], options)
}

/** Any program on a terminal. */
export function terminal(file: string, args: readonly string[], options: TerminalOptions = {}): Terminal {
  const { columns = 80, rows = 24, env, cwd = process.cwd() } = options
  const child: IPty = spawn(file, [...args], {
    ...{ cols: columns, rows, cwd, name: 'xterm-256color', env: plainEnvironment(env) },
  })
  const screen = new Screen(columns, rows)
  const changed = new EventTarget()
  let raw = ''
  let code: number | undefined
  child.onData((data) => {
    raw += data
    screen.write(data)
    changed.dispatchEvent(new Event('change'))
  })
  child.onExit(({ exitCode, signal }) => {
    code = signal ? 128 + signal : exitCode
    changed.dispatchEvent(new Event('change'))
  })
  onTestFinished(() => {
    if (code === undefined) child.kill('SIGKILL')
  })
  const change = (): Promise<void> =>
    new Promise((resolve) => changed.addEventListener('change', () => resolve(), { once: true }))
  return {
    screen,
    raw: () => raw,
    type: (keys) => child.write(keys),
    resize: (width, height) => {
      screen.resize(width, height)
      child.resize(width, height)
    },
    until: async (wanted) => {
      while (!wanted.test(screen.text)) {
        if (code !== undefined) throw new Error(`ended with ${code} before ${wanted}:\n${screen.text}`)
        await change()
      }
    },
    ended: async () => {
      while (code === undefined) await change()
      return code
    },
  }
}
