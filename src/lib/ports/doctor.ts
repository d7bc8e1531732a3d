/** One thing that a run needs, looked at. */
export interface Probe {
  name: string
  status: 'ok' | 'warn' | 'fail' | 'skip'
  message: string
  /** A command that mends it. */
  mend: string | null
}

/** Looks at a target's surroundings without changing anything. */
export interface Doctor {
  probes(signal: AbortSignal): AsyncIterable<Probe>
}
