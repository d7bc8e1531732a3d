import { EtlError } from '../../../core/errors.js'
import type { Row } from '../../../ports/warehouse.js'
import { type DataApi, MOST_STATEMENTS } from './data-api.js'
import { rowsOf } from './results.js'

/** What every run and every change of bookmarks moves. */
export const MARK = `select (select max(seq) from raw_data.load_log) as load_seq,
  (select max(seq) from raw_data.bookmark_changes) as change_seq, (select max(run_id) from curated.build) as run_id`

const TRIES = 2

/**
 * The rows of each statement. As many as a transaction takes are one trip, on one snapshot. More are several, each with the
 * mark of what it saw before its statements: where a run published between them, all are done again.
 * @throws EtlError LOCKED where runs publish time and again
 */
export async function readTogether(api: DataApi, sqls: readonly string[]): Promise<Row[][]> {
  if (sqls.length === 0) return []
  if (sqls.length <= MOST_STATEMENTS) return rowsOf(api, await api.run(sqls))
  for (let left = TRIES; left > 0; left--) {
    const rows = await readMarked(api, sqls)
    if (rows) return rows
  }
  throw movedError()
}

/** What was read in several trips is not of one state. */
export function movedError(): EtlError {
  return new EtlError('a run published its rows while they were read, and again: nothing that was read fits together', {
    code: 'LOCKED',
    suggestions: ['rental-etl runs   # once no run is at work, ask again'],
  })
}

/** @returns undefined where the trips did not see the same */
async function readMarked(api: DataApi, sqls: readonly string[]): Promise<Row[][] | undefined> {
  const rows: Row[][] = []
  const marks = new Set<string>()
  for (let at = 0; at < sqls.length; at += MOST_STATEMENTS - 1) {
    const part = sqls.slice(at, at + MOST_STATEMENTS - 1)
    const [mark, ...results] = await rowsOf(api, await api.run([MARK, ...part]))
    rows.push(...results)
    marks.add(JSON.stringify(mark))
    if (marks.size > 1) return undefined
  }
  return rows
}
