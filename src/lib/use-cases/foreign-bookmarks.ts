import { EtlError } from '../core/errors.js'
import type { Bookmark } from '../core/run/bookmark.js'
import type { ForeignBookmarks } from '../ports/bookmarks.js'

/**
 * Where bookmarks of another program stand elsewhere than raw ends; or why they were not looked at, which is no failure: nothing
 * rests on them.
 */
export async function foreignWarnings(
  foreign: ForeignBookmarks | undefined,
  marks: readonly Bookmark[],
): Promise<string[]> {
  if (foreign === undefined) return []
  const { name } = foreign
  const found = await foreign.positions().catch((error) => {
    if (!(error instanceof EtlError)) throw error
    return error
  })
  if (found instanceof EtlError) return [`${name} was not looked at: ${found.message}`]
  return marks.flatMap(({ table, position }) => {
    const other = found.find((one) => one.table === table)
    if (other === undefined || normal(other.position) === normal(position ?? '')) return []
    const end = position === undefined ? 'raw holds no row' : `raw ends at ${position}`
    return [`${table}: ${name} stands at ${other.position}, ${end}; runs read by the warehouse alone`]
  })
}

/** A moment is written with a T and a Z, or without, and with zeros behind its fraction. */
function normal(position: string): string {
  return position
    .replace('T', ' ')
    .replace('Z', '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}
