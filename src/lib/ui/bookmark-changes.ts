import type { BookmarkChange, ChangeState, ReadingPoint, TableChange } from '../core/run/bookmark-change.js'
import { countText } from '../core/words/count-text.js'
import { shortPosition } from './bookmarks-view.js'
import { ageText } from './format.js'
import type { HumanView } from './tabular/options.js'

/** What a change does to one table, in a line. @param again rows of raw that are read once more for it */
export function effectLine({ table, from, to }: TableChange, again: number): string {
  const before = `${table}: ${from.state === 'reset' ? 'is read whole' : `reads from ${pointText(from)}`}`
  if (to.state === 'reset')
    return `${before}; the next run reads it whole, and rebuilds its ${countText(again)} rows in raw`
  if (to.state === 'none') return `${before}; then again from ${pointText(to)}, where raw ends`
  return `${before}; then from ${pointText(to)}: ${countText(again)} rows of raw are read again`
}

/** The history of changes for a reader, one line for each table. */
export function changesView(
  lines: readonly { change: BookmarkChange; table: TableChange; state: ChangeState }[],
  now: Date,
): HumanView {
  return {
    columns: [
      { name: 'seq', type: 'BIGINT' },
      { name: 'change', type: 'VARCHAR' },
      { name: 'table', type: 'VARCHAR' },
      { name: 'from', type: 'VARCHAR' },
      { name: 'to', type: 'VARCHAR' },
      { name: 'when', type: 'VARCHAR' },
      { name: 'state', type: 'VARCHAR', style: (text) => (text === 'pending' ? 'yellow' : undefined) },
      { name: 'by', type: 'VARCHAR', spare: true },
      { name: 'reason', type: 'VARCHAR', spare: true },
    ],
    row: (_, at) => {
      const { change, table, state } = lines[at] as (typeof lines)[number]
      return [
        String(change.seq),
        change.of_seq === null ? change.kind : `${change.kind} of ${change.of_seq}`,
        table.table,
        pointText(table.from),
        pointText(table.to),
        ageText(change.changed_at, now),
        state,
        change.changed_by,
        change.reason,
      ]
    },
  }
}

function pointText({ state, position }: ReadingPoint): string {
  if (state === 'reset') return 'whole'
  return shortPosition(position) ?? 'the beginning'
}
