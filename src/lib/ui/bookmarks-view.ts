import type { Bookmark } from '../core/run/bookmark.js'
import { countText } from '../core/words/count-text.js'
import { ageText } from './format.js'
import type { HumanView } from './tabular/options.js'

/** The bookmarks for a reader: how far each table was read, when, and whether anything is left to be looked for. */
export function bookmarksView(bookmarks: readonly Bookmark[], now: Date): HumanView {
  return {
    columns: [
      { name: 'table', type: 'VARCHAR' },
      { name: 'column', type: 'VARCHAR', spare: true },
      { name: 'position', type: 'VARCHAR' },
      { name: 'rows', type: 'BIGINT' },
      { name: 'loaded', type: 'VARCHAR' },
      { name: 'reconciled', type: 'VARCHAR', style: (text) => (text === 'yes' ? undefined : 'yellow') },
      { name: 'run_id', type: 'VARCHAR', spare: true },
    ],
    row: (_, at) => {
      const mark = bookmarks[at] as Bookmark
      return [
        mark.table,
        mark.column,
        // A fraction of a second is nothing to a reader.
        mark.position?.replace(/(:\d\d)\.\d+$/, '$1') ?? null,
        countText(mark.raw_rows),
        mark.loaded_at ? ageText(mark.loaded_at, now) : null,
        reconciled(mark, now),
        mark.last_run ?? null,
      ]
    },
  }
}

function reconciled({ loaded_at, reset_pending, not_reconciled_since }: Bookmark, now: Date): string | null {
  if (reset_pending) return 'reset pending'
  if (not_reconciled_since) return `no, ${ageText(not_reconciled_since, now)}`
  return loaded_at ? 'yes' : null
}
