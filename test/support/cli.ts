import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Finished {
  stdout: string
  stderr: string
  code: number | null
  signal: NodeJS.Signals | null
}

export interface CliOptions {
  cwd?: string
  /** Beside the environment of the tests, from which what decides about colour is taken out. */
  env?: Record<string, string>
}

/** The environment of a command in tests: that of the tests, without what changes how things look or which target is meant. */
export function plainEnvironment(env: Record<string, string> = {}): Record<string, string> {
  const taken = /^(NO_COLOR|FORCE_COLOR|CI|COLORTERM|CONTINUOUS_INTEGRATION|RENTAL_ETL_.*|VITEST.*|NODE_ENV)$/
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || taken.test(name) ? [] : [[name, value] as const],
  )
  return { ...Object.fromEntries(kept), ...env }
}

/** Runs the built command line in a process of its own, off a terminal; it is ended with the test. */
export async function cli(args: readonly string[], { cwd, env }: CliOptions = {}): Promise<Finished> {
  const child = spawn(process.execPath, [BIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: plainEnvironment(env),
    ...(cwd === undefined ? {} : { cwd }),
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  const taken = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      taken[name] += chunk
    })
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { ...taken, code, signal }
}
