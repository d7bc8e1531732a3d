import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface StartOptions {
  env?: Record<string, string>
  cwd?: string
  /** Who runs it; only root may ask for another user. */
  uid?: number
  /** Limits of the shell's `ulimit`, e.g. `-f 64`. */
  limit?: string
  /** A working directory that is removed before it starts. */
  removed?: string
  /** Without a sign of work for so long it hangs; seconds. */
  patience?: number
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  ms: number
  /** It did no work any more, and was killed for that. */
  hung: boolean
}

export interface Started {
  /** Kills the process and every process that it started. */
  kill(): void
  ended: Promise<Ended>
}

const PATIENCE = 30
const living = new Set<ChildProcess>()

// They are leaders of their own groups: a Ctrl-C at the harness does not reach them.
process.on('exit', () => {
  for (const child of living) killGroup(child)
})

const LONGEST_OUTPUT = 4_000_000

/** Starts the built command line, off a terminal, as the leader of a group of its own. */
export function startCli(args: readonly string[], options: StartOptions = {}): Started {
  const [file, ...rest] = [...inShell(options), process.execPath, BIN, ...args]
  const begin = performance.now()
  const child = spawn(file as string, rest, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(options.env),
    cwd: options.cwd ?? ROOT,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  living.add(child)
  child.once('exit', () => living.delete(child))
  const kill = (): void => killGroup(child)
  return { kill, ended: untilEnd(child, begin, kill, options.patience ?? PATIENCE) }
}

/** A shell that sets the scene and then replaces itself: the process that is watched and killed is the tool's. */
function inShell({ limit, removed }: StartOptions): string[] {
  const steps = [
    ...(removed === undefined ? [] : [`mkdir -p "${removed}"`, `cd "${removed}"`, `rmdir "${removed}"`]),
    ...(limit === undefined ? [] : [`ulimit ${limit}`]),
  ]
  return steps.length === 0 ? [] : ['/bin/bash', '-c', [...steps, 'exec "$@"'].join(' && '), 'bash']
}

/** Runs a command line to its end. */
export function runCli(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return startCli(args, options).ended
}

/** The environment of the tests, without what decides about targets and colour. */
function cleanEnvironment(env: Record<string, string> = {}): Record<string, string> {
  const taken = /^(NO_COLOR|FORCE_COLOR|CI|RENTAL_ETL_.*|VITEST.*|NODE_.*|npm_.*)$/
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || taken.test(name) ? [] : [[name, value] as const],
  )
  return { ...Object.fromEntries(kept), ...env }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function untilEnd(child: ChildProcess, begin: number, kill: () => void, patience: number): Promise<Ended> {
  const taken = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      if (taken[name].length < LONGEST_OUTPUT) taken[name] += chunk
    })
  }
  let hung = false
  const stopWatching = watchWork(child.pid, patience, () => {
    hung = true
    kill()
  })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      stopWatching()
      reject(error)
    })
    child.once('close', (code, signal) => {
      stopWatching()
      resolve({ code, signal, ...taken, ms: performance.now() - begin, hung })
    })
  })
}

/**
 * Calls back once a process has used no CPU for so many seconds. A clock alone would call a busy machine a hang: there
 * every process still gets its turn.
 */
function watchWork(pid: number | undefined, patience: number, onIdle: () => void): () => void {
  let used = -1
  let idle = 0
  const timer = setInterval(() => {
    const now = pid === undefined ? undefined : cpuTicks(pid)
    idle = now === undefined || now !== used ? 0 : idle + 1
    used = now ?? used
    if (idle >= patience) onIdle()
  }, 1000)
  return () => clearInterval(timer)
}

/** CPU time of a process in ticks of the system; undefined where that cannot be told. */
function cpuTicks(pid: number): number | undefined {
  try {
    // The name may hold blanks and brackets; what follows the last one is fixed.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ')
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return undefined
  }
}
