import { createRequire } from 'node:module'

/**
 * The engine's client decodes texts with a TextDecoder that takes U+FEFF at the start of a value for a byte order mark
 * and drops it: a text would not be shown as it stands in the warehouse. There is no option for it.
 * @throws Error where the client's inside is no longer as it was: a newer version may not need this
 */
export function keepByteOrderMarks(): void {
  const accessors = createRequire(import.meta.url)('@duckdb/node-api/lib/vectors/dataAccessors.js') as {
    textDecoder?: InstanceType<typeof TextDecoder>
  }
  if (!accessors.textDecoder) throw new Error('the DuckDB client has no textDecoder any more')
  if (!accessors.textDecoder.ignoreBOM) accessors.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
}
