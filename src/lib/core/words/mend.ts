import type { EtlError } from '../errors.js'

/** What `doctor` says to type after a fault: the first suggestion that is not `doctor` once more; null where there is none. */
export function mendOf({ suggestions }: EtlError): string | null {
  return suggestions.find((command) => !/^rental-etl doctor\b/.test(command)) ?? null
}
