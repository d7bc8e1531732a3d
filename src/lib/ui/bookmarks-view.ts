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
        shortPosition(mark.position) ?? null,
        countText(mark.raw_rows),
        mark.loaded_at ? ageText(mark.loaded_at, now) : null,
        reconciled(mark, now),
        mark.last_run ?? null,
      ]
    },
  }
}

/** What the table cannot hold: since which run nothing was looked for, and where a rewind reads from. */
export function bookmarksFooter(bookmarks: readonly Bookmark[], now: Date): string | undefined {
  const blind = Map.groupBy(bookmarks, (mark) => mark.not_reconciled_since_run)
  blind.delete(undefined)
  const lines = [...blind].map(
    ([run, [mark, ...more]]) =>
      `${[mark as Bookmark, ...more].map(({ table }) => table).join(', ')}: not reconciled since run ${run}, ${ageText(mark?.not_reconciled_since ?? '', now)}; rental-etl run looks for changes and deletions`,
  )
  const rewound = bookmarks
    .filter(({ rewind_pending }) => rewind_pending)
    .map(
      ({ table, reads_from }) =>
        `${table}: rewound; run --reconcile never reads from ${shortPosition(reads_from) ?? 'the beginning'}`,
    )
  return lines.length + rewound.length > 0 ? [...lines, ...rewound].join('\n') : undefined
}

/** A fraction of a second is nothing to a reader. */
export function shortPosition(position: string | null | undefined): string | undefined {
  return position?.replace(/(:\d\d)\.\d+$/, '$1')
}

function reconciled(
  { loaded_at, reset_pending, rewind_pending, not_reconciled_since }: Bookmark,
  now: Date,
): string | null {
  if (reset_pending) return 'reset pending'
  if (rewind_pending) return 'rewind pending'
  if (not_reconciled_since) return `no, ${ageText(not_reconciled_since, now)}`
  return loaded_at ? 'yes' : null
}
