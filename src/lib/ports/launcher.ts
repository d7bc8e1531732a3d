/** How a run ends that could not begin: the JSON that the command printed, and its exit code. */
export interface LaunchFailure {
  code: number
  output: string
}

/** Starts this command line once more, in a process of its own that outlives this one. */
export interface Launcher {
  /**
   * @param argv command and flags
   * @returns `ended`, which resolves if the process ends while somebody waits for it
   */
  launch(runId: string, argv: readonly string[]): Promise<{ pid: number; ended: Promise<LaunchFailure> }>
}
