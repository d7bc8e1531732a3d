import type { RunEvent } from '../../src/lib/core/run/events.js'
import type { RunRequest } from '../../src/lib/core/run/request.js'
import type { FollowOptions, Orchestrator } from '../../src/lib/ports/orchestrator.js'

/** Does what its script says: an outcome for each start, events for each run that is followed. Asked for more, it throws. */
export class ScriptedOrchestrator implements Orchestrator {
  readonly outlives: boolean = false
  readonly started: RunRequest[] = []
  readonly followed: string[] = []
  readonly canceled: [string, string][] = []

  constructor(
    readonly starts: (Error | undefined)[],
    readonly events: Record<string, (RunEvent | Promise<RunEvent>)[]> = {},
    readonly onCancel: (runId: string) => void = () => undefined,
  ) {}

  async start(request: RunRequest): Promise<void> {
    if (this.starts.length === 0) throw new Error(`start of ${request.run_id} is not in the script`)
    this.started.push(request)
    const failure = this.starts.shift()
    if (failure) throw failure
  }

  async *follow(runId: string, { signal }: FollowOptions = {}): AsyncGenerator<RunEvent, void> {
    this.followed.push(runId)
    const events = this.events[runId]
    if (!events) throw new Error(`following ${runId} is not in the script`)
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    aborted.catch(() => undefined)
    for (const event of events) {
      signal?.throwIfAborted()
      yield await Promise.race([event, aborted])
    }
  }

  async cancel(runId: string, reason: string): Promise<string> {
    this.canceled.push([runId, reason])
    this.onCancel(runId)
    return reason
  }
}

const AT = '2026-05-04T02:00:00.000Z'

export const closed = (status: 'succeeded' | 'failed' | 'canceled' = 'succeeded'): RunEvent => ({
  type: 'run_closed',
  at: AT,
  status,
  error: null,
})

export const begun = (runId: string): RunEvent => ({
  type: 'run_started',
  at: AT,
  run_id: runId,
  parent: null,
  as_of: '2025-03-24',
  reconciled: true,
  skipped: [],
})
