import type { CheckResult } from '../core/verify/verify.js'

/** Compares what is stored, by value, where counting alone would miss a changed cell. */
export interface StoredAudit {
  /** Structure, load log, lake against raw, quarantine, and curated against what raw gives; differing keys are named. */
  content(signal?: AbortSignal): Promise<CheckResult[]>
  /** The views against their definitions. */
  views(signal?: AbortSignal): Promise<CheckResult>
}
