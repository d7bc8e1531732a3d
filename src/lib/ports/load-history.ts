/** The loads of raw, oldest first. */
export interface LoadHistory {
  loads(): Promise<{ seq: number; runId: string }[]>
}
