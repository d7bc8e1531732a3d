import { setTimeout as sleep } from 'node:timers/promises'
import { EtlError } from '../core/errors.js'
import { initialRun, type RunEvent, type RunState, reduceRun } from '../core/run/events.js'
import type { RunRequest } from '../core/run/request.js'
import { isPlanned, LAYER_NAMES, type LayerName } from '../core/run/run.js'
import type { FollowOptions, Orchestrator } from '../ports/orchestrator.js'
import type { RunStore } from '../ports/run-store.js'
import type { SourceCheck } from '../ports/source-check.js'
import { runningRun } from './select-run.js'

export type OnConflict = 'fail' | 'wait' | 'attach'

export interface RunPorts {
  orchestrator: Orchestrator
  runs: RunStore
}

export interface StartedRun {
  runId: string
  /** True when another run was going on, and this is it. */
  attached: boolean
}

const LOOK_MS = 200
/** Looks in a row, some seconds, at a lock of which no run says that it is its own. */
const LOOKS = 25

/** @throws EtlError USAGE when `from` comes after `to` */
export function checkLayers(from: LayerName, to: LayerName): void {
  if (LAYER_NAMES.indexOf(from) <= LAYER_NAMES.indexOf(to)) return
  throw new EtlError(
    `there is nothing to do from ${from} to ${to}: the layers are ${LAYER_NAMES.join(', ')}, in this order`,
    {
      code: 'USAGE',
      suggestions: [`rental-etl run --from ${to} --to ${from}`],
    },
  )
}

/**
 * Starts a run; where another one is going on, refuses, waits for its end, or takes it for this one.
 * @param onWait told once, with the id of the run that is waited for
 * @throws EtlError LOCKED
 */
export async function startRun(
  { orchestrator, runs }: RunPorts,
  request: RunRequest,
  { onConflict, onWait, signal }: { onConflict: OnConflict; onWait?: (runId: string) => void; signal: AbortSignal },
): Promise<StartedRun> {
  let told: string | undefined
  for (let looks = 0; ; looks++) {
    signal.throwIfAborted()
    try {
      await orchestrator.start(request)
      return { runId: request.run_id, attached: false }
    } catch (error) {
      if (onConflict === 'fail' || !(error instanceof EtlError) || error.code !== 'LOCKED') throw error
      // A lock without a run is another program's, which may keep it for long.
      if (looks >= LOOKS) throw error
    }
    const runId = await runningRun(runs)
    if (runId === undefined) {
      // It has just begun and is not written down yet, or has just ended.
      await sleep(LOOK_MS, undefined, { signal })
      continue
    }
    if (onConflict === 'attach') return { runId, attached: true }
    if (told !== runId) onWait?.(runId)
    told = runId
    looks = 0
    for await (const event of orchestrator.follow(runId, { signal })) if (event.type === 'run_closed') break
  }
}

/**
 * The events of a run that this command started: when it is told to stop, a run that would not outlive it is stopped, and
 * told to its end; of another one only the following is stopped.
 */
export async function* followOwn(
  orchestrator: Orchestrator,
  runId: string,
  { signal, onTrouble }: FollowOptions & { signal: AbortSignal },
): AsyncGenerator<RunEvent, void> {
  if (orchestrator.outlives) return yield* orchestrator.follow(runId, { signal, onTrouble })
  let stopping: Promise<string> | undefined
  const stop = (): void => {
    const { message } = signal.reason as Error
    stopping ??= orchestrator.cancel(runId, message.startsWith('stopped by') ? message : 'stopped by Ctrl-C')
    stopping.catch(() => undefined)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    yield* orchestrator.follow(runId, { onTrouble })
    await stopping
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Starts a run and follows it to its end, as one of several of a command. @throws EtlError LOCKED, unless it waits */
export async function runToEnd(
  ports: RunPorts,
  request: RunRequest,
  options: {
    onConflict: 'fail' | 'wait'
    onWait(runId: string): void
    onEvent(event: RunEvent): unknown
    following: FollowOptions & { signal: AbortSignal }
  },
): Promise<RunState> {
  const { onConflict, onWait, onEvent, following } = options
  await startRun(ports, request, { onConflict, onWait, signal: following.signal })
  let state = initialRun(request.run_id)
  for await (const event of followOwn(ports.orchestrator, request.run_id, following)) {
    state = reduceRun(state, event)
    onEvent(event)
  }
  return state
}

/** What a run would do: its layers as pending, extract with the flows that it would have. Changes nothing. */
export async function dryRun(source: SourceCheck, request: RunRequest, signal: AbortSignal): Promise<RunState> {
  const tables = request.from === 'extract' ? await source.plan(request, signal) : []
  const initial = initialRun(request.run_id)
  return {
    ...initial,
    status: 'succeeded',
    parent: request.parent,
    as_of: request.as_of,
    reconciled: request.reconcile === 'always',
    layers: initial.layers.map((layer) => ({
      ...layer,
      status: isPlanned(layer.layer, request.from, request.to) ? 'pending' : 'skipped',
      done_by: request.done_by[layer.layer] ?? null,
      tables: layer.layer === 'extract' ? tables : [],
    })),
  }
}
