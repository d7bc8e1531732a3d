import { totalmem } from 'node:os'

const MB = 1_000_000

/** What an engine that reads nothing large has. */
const LEAST_MB = 450
const MOST_MB = 3400
/** Of the machine's memory: the rest is the process's own, and the system's. */
const SHARE = 0.6

/**
 * The engine's memory for so many bytes of what is read; what does not fit is spilled to disk. A table of raw is held
 * while the source passes it, which for 10 million rows (0.8 GB of CSV) takes 600 MB; the process's own memory comes on
 * top, and all of it stays under 1 GiB then, and under 4 GiB for 100 million rows.
 * @param setting what the user has set instead, such as `2GB`
 */
export function memoryLimit(bytes: number, setting?: string): string {
  if (setting !== undefined) return setting
  const wanted = Math.min(MOST_MB, LEAST_MB + (bytes / MB) * 0.2)
  const there = ((process.constrainedMemory() || totalmem()) / MB) * SHARE
  return `${Math.round(Math.max(100, Math.min(wanted, there)))}MB`
}
