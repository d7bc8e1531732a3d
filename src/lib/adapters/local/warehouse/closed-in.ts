import { SCHEMAS } from '../../../core/sql/ddl.js'
import { ident, literal } from '../../../core/sql/names.js'
import type { Lanes } from '../engine/lanes.js'

/** Views that are kept stand before those of the warehouse, by the same names. */
const KEPT_IN = 'kept'
export const KEPT = `${KEPT_IN}.presentation`

/**
 * Closes the engine in: no files but those in the folder of its own, no extensions, no attaching, and no way to open it
 * again. A view that somebody added could read any file otherwise. Names are looked for in our schemas alone, in which
 * each is unique.
 * @param lanes all connections that there will be: each has a search path of its own
 * @returns the name by which the engine knows the warehouse
 */
export async function closeIn(lanes: Lanes): Promise<string> {
  const [db] = lanes
  const [own] = await db.all<{ name: string }>('select current_database() as name')
  const name = own?.name ?? ''
  const path = [KEPT, ...SCHEMAS.map((schema) => `${ident(name)}.${schema}`)]
  await db.run(`attach ':memory:' as ${KEPT_IN} (read_write);\ncreate schema ${KEPT}`)
  for (const lane of lanes) await lane.run(`set search_path = ${literal(path.join(','))}`)
  await db.run(
    [
      ...(db.spillPath === undefined ? [] : [`set allowed_directories = [${literal(db.spillPath)}]`]),
      // Otherwise the engine tries to fetch an extension for a function that it does not know.
      'set autoinstall_known_extensions = false',
      'set autoload_known_extensions = false',
      'set enable_external_access = false',
      'set lock_configuration = true',
    ].join(';\n'),
  )
  return name
}

/** What the engine says of what it is closed to. */
export function isClosedIn(error: unknown): boolean {
  const closed = /permission error|disabled by configuration|read-only mode|cannot execute statement of type/i
  return error instanceof Error && closed.test(error.message)
}
