import { lstat, rename, stat } from 'node:fs/promises'
import { EtlError } from '../../../core/errors.js'
import { writeError } from '../../files/io-errors.js'
import { Database } from '../engine/database.js'
import { exists, finalPlace, syncFolder } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'

/**
 * Makes sure, under the lock, that no other program is about to change the warehouse, and puts aside what one has left
 * beside it: a change log would be played into every warehouse that is published later. What this tool publishes has
 * none, so any is another program's.
 * @returns what is to be told
 * @throws EtlError LOCKED (exit 75) naming the program that has the warehouse open for writing
 */
export async function guardWarehouse(paths: HomePaths): Promise<string[]> {
  const warehouse = await finalPlace(paths.warehouse)
  await assertNoWriter(warehouse)
  const wal = `${warehouse}.wal`
  const found = await lstat(wal).catch(() => undefined)
  // A link is put aside as itself: what it leads to would be played in, now or once it is there.
  if (!found?.isFile() && !found?.isSymbolicLink()) return []
  const aside = `${wal}.foreign-${new Date(found.mtimeMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  try {
    await rename(wal, aside)
    await syncFolder(paths.home)
  } catch (error) {
    throw writeError(error, wal)
  }
  return [
    found.isSymbolicLink()
      ? `${wal} is a link, which no run has made; it was put aside as ${aside}, and nothing of what it leads to is in the warehouse`
      : `another program changed the warehouse and left its changes in ${wal}; they were put aside as ${aside} and are not in the warehouse`,
  ]
}

/** The change log that another program has left beside the warehouse, if there is one; a link to nowhere is one, too. */
export async function changeLog(paths: HomePaths): Promise<string | undefined> {
  const wal = `${await finalPlace(paths.warehouse)}.wal`
  return (await lstat(wal).catch(() => undefined)) ? wal : undefined
}

/** What readers say of it. */
export async function foreignChanges(paths: HomePaths): Promise<string | undefined> {
  const wal = await changeLog(paths)
  if (wal === undefined) return undefined
  if (!(await exists(wal)))
    return `${wal} is a link to nowhere, which no run has made: what appears there would be shown, and the next run puts it aside`
  return `another program changed the warehouse: its changes are in ${wal}, are shown now, and will be put aside by the next run`
}

/** What tells a file that was changed from one that was not. */
export async function stampOf(path: string): Promise<string> {
  const marks = await Promise.all(
    [path, `${path}.wal`].map((file) => stat(file, { bigint: true }).catch(() => undefined)),
  )
  return marks.map((found) => (found ? `${found.ino} ${found.size} ${found.mtimeNs}` : '-')).join(', ')
}

/**
 * Does `work` while nobody can begin to change the file, if nobody has changed it since it had this stamp.
 * @throws EtlError LOCKED
 */
export async function whileUnchanged(path: string, stamp: string, work: () => Promise<void>): Promise<void> {
  // A reader keeps writers out, until it is closed.
  const reader = await openReader(path)
  try {
    if ((await stampOf(path)) !== stamp) {
      throw new EtlError(
        `another program has changed ${path} meanwhile; its changes stay, and nothing of this is kept`,
        {
          code: 'LOCKED',
          suggestions: ['rental-etl verify   # what was changed'],
        },
      )
    }
    await work()
  } finally {
    reader?.close()
  }
}

async function assertNoWriter(path: string): Promise<void> {
  ;(await openReader(path))?.close()
}

/** @returns undefined for a file that is not there, or no warehouse: whoever reads it tells that */
async function openReader(path: string): Promise<Database | undefined> {
  if (!(await exists(path))) return undefined
  return Database.open(path, { readOnly: true }).catch((error) => {
    if (error instanceof EtlError && error.code === 'LOCKED') throw error
    return undefined
  })
}
