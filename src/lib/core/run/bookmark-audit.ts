/**
 * What a bookmark alone could never take: rows changed in place, rows that came late, at or below the position it has passed,
 * rows that are gone, and keys of which only the number of copies is another.
 */
export const LOST_KINDS = ['updated', 'late', 'deleted', 'copied'] as const

/** What the next run without reconciling takes by itself: `equal` stands at the position itself, which is read again where it is inclusive. */
export const TAKEN_KINDS = ['equal', 'waiting'] as const

export type AuditKind = (typeof LOST_KINDS)[number] | (typeof TAKEN_KINDS)[number]

/** The rows of one kind, by their keys. */
export interface AuditLine {
  kind: AuditKind
  /** A bookmark alone never takes them. */
  lost: boolean
  rows: number
  /** The first keys in order, by column. */
  keys: Record<string, string>[]
}

/** One table of the live source against raw. */
export interface TableAudit {
  table: string
  column: string
  /** From where the next run without reconciling reads; null is the beginning. */
  reads_from: string | null
  /** Rows at that position are read, too. */
  inclusive: boolean
  kinds: AuditLine[]
}

/** Rows that a bookmark alone would never take. */
export function lostRows(audit: readonly TableAudit[]): number {
  const lines = audit.flatMap(({ kinds }) => kinds)
  return lines.reduce((sum, { lost, rows }) => sum + (lost ? rows : 0), 0)
}

/** All kinds of a table, from those that were found. */
export function auditLines(found: ReadonlyMap<string, Pick<AuditLine, 'rows' | 'keys'>>): AuditLine[] {
  return [...LOST_KINDS, ...TAKEN_KINDS].map((kind) => {
    const { rows, keys } = found.get(kind) ?? { rows: 0, keys: [] }
    return { kind, lost: LOST_KINDS.some((one) => one === kind), rows, keys }
  })
}
