import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface RunProcess {
  child: ChildProcess
  pid: number
  /** Resolves with the first event for which `wanted` is true. @throws Error when the process ends before */
  until(
    wanted: (event: { type: string; [key: string]: unknown }) => boolean,
  ): Promise<{ type: string; [key: string]: unknown }>
  /** All events, once the process has ended. */
  ended(): Promise<{ events: { type: string; [key: string]: unknown }[]; code: number | null; signal: string | null }>
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))

/** Starts a process of its own that does a run with fake jobs; it is ended with the test. */
export function runProcess(home: string, runId: string, mode: 'succeed' | 'block' | 'deaf'): RunProcess {
  const flags = ['--experimental-transform-types', '--no-warnings', '--import', fixture('typescript.mjs')]
  const child = spawn(process.execPath, [...flags, fixture('run-process.ts'), home, runId, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  const events: { type: string; [key: string]: unknown }[] = []
  const changed = new EventTarget()
  const closed = once(child, 'close')
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line))
    changed.dispatchEvent(new Event('event'))
  })
  return {
    child,
    pid: child.pid as number,
    until: async (wanted) => {
      let over = false
      void closed.then(() => {
        over = true
        changed.dispatchEvent(new Event('event'))
      })
      for (let at = 0; ; ) {
        for (; at < events.length; at++)
          if (wanted(events[at] as { type: string })) return events[at] as { type: string }
        if (over) throw new Error(`the process ended before: ${JSON.stringify(events)}`)
        await once(changed, 'event')
      }
    },
    ended: async () => {
      const [code, signal] = (await closed) as [number | null, string | null]
      return { events, code, signal }
    },
  }
}
