import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells a process from one that gets its number later, or has it on another machine. */
export interface ProcessMark {
  pid: number
  /** Start of the process in the system's own count; undefined where the system does not tell it. */
  start: string | undefined
  host: string
}

/** True while a process of that number is there, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export function ownMark(): ProcessMark {
  return { pid: process.pid, start: startOf(process.pid), host: hostname() }
}

/** Whether a process is gone; undefined for one of another machine, or of another container: nobody here can know. */
export function isGone({ pid, start, host }: ProcessMark): boolean | undefined {
  if (host !== hostname()) return undefined
  return !isAlive(pid) || (start !== undefined && startOf(pid) !== start)
}

function startOf(pid: number): string | undefined {
  try {
    // The name in brackets may hold blanks and brackets itself.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
    return fields?.[19]
  } catch {
    return undefined
  }
}
