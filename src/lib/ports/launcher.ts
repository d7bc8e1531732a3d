/** Starts runs that outlive this command. */
export interface Launcher {
  /**
   * Returns once the run is going on.
   * @param argv the command and its flags that do the run
   * @throws EtlError as the run's own process told it, when it could not begin; the signal's reason
   */
  launch(runId: string, argv: readonly string[], signal: AbortSignal): Promise<void>
}
