const MB = 1_000_000

/**
 * The engine's memory for a source of that many bytes: what does not fit is spilled to disk. The process's own memory
 * and the engine's buffers come on top, so that 10 million rows (about 0.8 GB of CSV) stay under 1 GiB.
 */
export function memoryLimit(sourceBytes: number): string {
  return `${Math.round(Math.min(3000, Math.max(350, (sourceBytes / MB) * 0.5)))}MB`
}
