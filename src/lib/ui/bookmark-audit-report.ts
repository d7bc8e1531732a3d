import { type AuditKind, type AuditLine, lostRows, type TableAudit } from '../core/run/bookmark-audit.js'
import { countText } from '../core/words/count-text.js'
import { shortPosition } from './bookmarks-view.js'
import { paint } from './paint.js'

const WORDS: Readonly<Record<AuditKind, string>> = {
  updated: 'changed in place',
  late: 'came late, behind the bookmark',
  deleted: 'gone from the source, or bad there now',
  copied: 'the same, with another number of copies',
  equal: 'at the bookmark itself: read again, none is lost',
  waiting: 'wait for the next run',
}

/** What a bookmark alone would never take, table by table and by key, and what it takes by itself. */
export function auditReport(audit: readonly TableAudit[]): string {
  const lost = lostRows(audit)
  return [...audit.flatMap(tableLines), verdict(lost)].join('\n')
}

function verdict(lost: number): string {
  if (lost === 0) return 'a bookmark alone misses nothing'
  const rows = lost === 1 ? 'row that a bookmark alone would' : 'rows that bookmarks alone would'
  return `${paint('yellow', `${countText(lost)} ${rows} never take`)}; a run that reconciles does`
}

function tableLines({ table, column, reads_from, inclusive, kinds }: TableAudit): string[] {
  const from = shortPosition(reads_from)
  const where = from === undefined ? 'from the beginning' : `${column} ${inclusive ? 'from' : 'beyond'} ${from}`
  const found = kinds.filter(({ rows }) => rows > 0)
  return [`${table}, read ${where}${found.length === 0 ? ': as raw has it' : ''}`, ...found.map(kindLine)]
}

function kindLine({ kind, lost, rows, keys }: AuditLine): string {
  const shown = keys.map((key) => Object.values(key).join(' | ')).join(', ')
  const more = rows > keys.length ? `${shown === '' ? '' : ', '}…` : ''
  const count = countText(rows)
  return `  ${lost ? paint('yellow', count) : count} ${WORDS[kind]}${shown + more === '' ? '' : `: ${shown}${more}`}`
}
