import type { SourceCheck } from '../../src/lib/ports/source-check.js'

/** A source that nobody may ask; a test hands in what it does ask. */
export const SILENT_SOURCE: SourceCheck = {
  plan: () => refuse('plan'),
  compare: () => refuse('compare'),
  count: () => refuse('count'),
  lineOf: () => refuse('a line'),
}

function refuse(what: string): never {
  throw new Error(`${what} of the source is not in the script`)
}
