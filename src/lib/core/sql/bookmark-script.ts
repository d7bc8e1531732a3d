import type { BookmarkChange } from '../run/bookmark-change.js'
import { BOOKMARK_CHANGES, columnNames } from './ddl.js'
import { literal } from './names.js'
import { guard, type Step } from './script.js'

/**
 * The transaction that makes a change of bookmarks: what waits for the next run, and the line of the history. Its guards fail
 * where something came since the change was thought out, on the newest load and change that it names.
 * @param change `changed_at` in RFC 3339
 */
export function bookmarkScript(change: BookmarkChange): Step[] {
  const names = change.tables.map(({ table }) => literal(table)).join(', ')
  const newest = (table: string): string => `(select coalesce(max(seq), 0) from raw_data.${table})`
  const one = '(select 1 as one) o'
  return [
    guard('no load came', `${newest('load_log')} = ${change.load_seq}`, LOADED, one),
    guard('no change came', `${newest('bookmark_changes')} = ${change.seq - 1}`, CHANGED, one),
    ...['bookmark_resets', 'bookmark_rewinds'].map((pending) => ({
      name: `clear ${pending}`,
      sql: `delete from raw_data.${pending} where table_name in (${names})`,
    })),
    ...change.tables.flatMap(({ table, to }): Step[] => {
      if (to.state === 'none') return []
      const row = to.state === 'reset' ? literal(table) : `${literal(table)}, ${text(to.position)}`
      return [{ name: `${table}: ${to.state}`, sql: `insert into raw_data.bookmark_${to.state}s values (${row})` }]
    }),
    {
      name: 'history',
      sql: `insert into raw_data.bookmark_changes (${columnNames(BOOKMARK_CHANGES)}) values ${rows(change).join(', ')}`,
    },
  ]
}

const LOADED = 'a run has loaded'
const CHANGED = 'the bookmarks were changed'

function rows(change: BookmarkChange): string[] {
  const at = change.changed_at.replace('T', ' ').replace('Z', '')
  return change.tables.map(({ table, from, to }) => {
    const points = [from.state, from.position, to.state, to.position].map(text)
    const cells = [
      ...[change.seq, text(change.kind), text(table), ...points, change.of_seq ?? 'null', change.load_seq],
      ...[`timestamp ${literal(at)}`, text(change.changed_by), text(change.reason)],
    ]
    return `(${cells.join(', ')})`
  })
}

function text(value: string | null): string {
  return value === null ? 'null' : literal(value)
}
