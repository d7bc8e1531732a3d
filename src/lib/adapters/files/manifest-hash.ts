import { createHash } from 'node:crypto'
import type { Manifest } from '../../core/run/manifest.js'

/** Of a manifest as JSON without blanks; the load log keeps it. */
export function manifestHash(manifest: Manifest): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}
