import { EtlError } from '../errors.js'

/** Limits that stop a run before anything is loaded. */
export interface Guards {
  /** Largest share of a table that one run may delete … */
  max_deleted: number
  /** … of a table with more rows than this. */
  max_deleted_min_rows: number
  /** Largest share of a table's rows that may be quarantined; of a table under 10 rows all of them have to be bad. */
  max_quarantined: number
}

export const DEFAULT_GUARDS: Guards = { max_deleted: 0.2, max_deleted_min_rows: 1000, max_quarantined: 0.5 }

/** A table with fewer rows is stopped only where every one of them is bad. */
const FEW_ROWS = 10

export interface TableCounts {
  table: string
  /** Rows that raw holds now. */
  raw_rows: number
  /** Of these, the rows that would be deleted. */
  deleted: number
  source_rows: number
  quarantined: number
  /** The table was read whole, and not only beyond its bookmark. */
  whole: boolean
  /** What most of the bad rows broke. */
  worst?: WorstRule | undefined
}

/** The rule that most bad rows of a table broke. */
export interface WorstRule {
  /** Such as `bad_value:total_price`. */
  rule: string
  rows: number
  /** What is wrong with one of them, in a line. */
  why: string | undefined
  /** What the mapping makes the rule's column of. */
  expression: string | undefined
}

/** @throws EtlError GUARD_MAX_DELETED or GUARD_MAX_QUARANTINED (exit 1) for the first table over a limit */
export function checkGuards(
  tables: readonly TableCounts[],
  guards: Guards,
  allowed: { allow_deletes: boolean; allow_rejects: boolean },
): void {
  for (const { table, raw_rows, deleted, source_rows, quarantined, whole, worst } of tables) {
    if (
      !allowed.allow_deletes &&
      raw_rows > guards.max_deleted_min_rows &&
      isOver(deleted, raw_rows, guards.max_deleted)
    ) {
      throw new EtlError(
        `${table} would lose ${deleted} of its ${raw_rows} rows (${percent(deleted, raw_rows)}), more than max_deleted ${percent(guards.max_deleted, 1)}: the source has ${source_rows} rows; nothing was changed`,
        {
          code: 'GUARD_MAX_DELETED',
          suggestions: ['rental-etl run --allow-deletes   # lets it pass once, if the rows are really gone'],
        },
      )
    }
    const all = quarantined === source_rows && quarantined > 0 && (whole || source_rows >= FEW_ROWS)
    const over = source_rows >= FEW_ROWS && isOver(quarantined, source_rows, guards.max_quarantined)
    if (!allowed.allow_rejects && (all || over)) {
      throw new EtlError(
        `${table} has ${quarantined} bad rows of ${source_rows} (${percent(quarantined, source_rows)}), ${all ? 'every one of them' : `more than max_quarantined ${percent(guards.max_quarantined, 1)}`}${worst ? `: ${worstText(worst)}` : ''}; nothing was changed`,
        {
          code: 'GUARD_MAX_QUARANTINED',
          suggestions: [
            'rental-etl run --allow-rejects   # lets it pass once, if the rows are really bad',
            `rental-etl run --dry-run   # once ${worst?.expression === undefined ? 'the source' : 'the mapping, or the source,'} is mended`,
          ],
        },
      )
    }
  }
}

/** Letters of an expression, and of what is wrong with a value: a message is a line. */
const SHOWN = 160

function worstText({ rule, rows, why, expression }: WorstRule): string {
  const column = rule.split(':')[1] ?? rule
  const made = expression === undefined ? '' : `; mapping in rental-etl.yml makes ${column} of ${cut(expression)}`
  return `${rows} by ${rule}${why === undefined ? '' : `, such as ${cut(why)}`}${made}`
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

/** A quotient is the number nearest to it, as a share in a file is; a product of the share may miss the count by a hair. */
function isOver(part: number, whole: number, share: number): boolean {
  return part / whole > share
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 1000) / 10} %`
}
