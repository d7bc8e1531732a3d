import type { CheckResult } from '../core/verify/verify.js'

/** Compares contents, row by row and by hash, where counting alone would miss a changed cell. */
export interface ContentAudit {
  /** Lake against raw, raw against its own hashes, and curated against what raw gives; keys of differing rows are named. */
  stored(signal?: AbortSignal): Promise<CheckResult[]>
  /** The views against their definitions. */
  views(signal?: AbortSignal): Promise<CheckResult>
  /** The live source against raw. */
  live(signal?: AbortSignal): Promise<CheckResult[]>
  /** The number of rows of the live source against what the last run saw; says nothing of their content. */
  fresh(signal?: AbortSignal): Promise<CheckResult[]>
}
