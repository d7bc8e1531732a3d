import type { Ended } from '../process.js'

/** One command under damage: what it ended with, what it said, and what of that must not be. */
export interface Heard {
  exit: string
  said: string
  problems: string[]
  /** True where it finds nothing but what is so in every case: a run of before failed, and the views are stale. */
  calm: boolean
  /** The rows of a table that it printed. */
  rows: string | undefined
}

interface Envelope {
  status: string
  result?: {
    rows?: unknown[]
    checks?: { name: string; status: string; message?: string }[]
    ledger?: { table: string; status: string }[]
    error?: { code: string; message: string } | null
    status?: string
  }
  error?: { code: string; message: string }
  warnings: string[]
}

/** Exit codes that trouble with the surroundings may end in; 70 is a bug, and nobody else holds the lock. */
const ALLOWED = [0, 1, 65, 66, 74, 77]
const STACK = /\n\s+at .+:\d+:\d+|\n\s+at async |Stack Trace:|INTERNAL Error|MaxListenersExceeded/
const LONGEST = 100

/** @param hide what stands for names that differ from machine to machine */
export function judge(ended: Ended, mayDie: boolean, hide: (text: string) => string): Heard {
  const exit = ended.hung ? 'hangs' : (ended.code ?? ended.signal ?? 'none').toString()
  const problems: string[] = []
  if (ended.hung) problems.push('hangs')
  else if (ended.code === null) problems.push(...(mayDie ? [] : [`dies by ${ended.signal}`]))
  else if (!ALLOWED.includes(ended.code)) problems.push(`exit ${ended.code}`)
  const found = ended.hung || ended.code === null ? undefined : envelopeOf(ended.stdout)
  if (ended.code !== null && !ended.hung && !found) problems.push('stdout is no JSON')
  const error = found?.error ?? found?.result?.error ?? undefined
  if (error?.code === 'BUG') problems.push('code BUG')
  if (STACK.test(`\n${ended.stderr}`) || STACK.test(error?.message ?? '')) problems.push('a stack or an internal error')
  const said = found ? saidBy(found) : ended.stderr.trim().split('\n')[0]
  return {
    exit,
    said: shorten(hide(said ?? '')),
    problems,
    calm: found !== undefined && !error && (found.result?.checks ?? []).every(isCalm),
    rows: found?.result?.rows && JSON.stringify(found.result.rows),
  }
}

function isCalm({ name, status }: { name: string; status: string }): boolean {
  return status !== 'fail' && (status !== 'warn' || name === 'warehouse' || name === 'last run')
}

function envelopeOf(stdout: string): Envelope | undefined {
  try {
    return JSON.parse(stdout) as Envelope
  } catch {
    return undefined
  }
}

/** The error, or what a check found, or the first warning. */
function saidBy({ error, result, warnings }: Envelope): string {
  const failure = error ?? result?.error
  if (failure) return `${failure.code}: ${failure.message}`
  const probes = result?.checks?.filter(({ status, message }) => status === 'fail' || (status === 'warn' && message))
  const lines = result?.ledger?.filter(({ status }) => status === 'fail').map(({ table }) => table) ?? []
  if (probes?.length || lines.length)
    return [...lines, ...(probes ?? []).map(({ name, message }) => (message ? `${name}: ${message}` : name))].join(', ')
  return warnings[0] ?? ''
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}
