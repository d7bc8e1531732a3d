import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Database, type DatabaseOptions } from '../engine/database.js'
import { copyFast, exists, finalPlace, moveInto } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'
import { stampOf, whileUnchanged } from './foreign.js'
import { prepareWarehouse } from './structure.js'

/**
 * Changes the warehouse on a copy and publishes the copy by renaming it: readers keep the file that they have open, or
 * see the next; nobody blocks, and a kill at any moment leaves the old one. The run's lock keeps our writers away; a
 * change by another program is found, and stays. Where the warehouse is a link, what it leads to is replaced.
 * @param change is told the stamp of the file that was copied
 */
export async function publishChange<Result>(
  paths: HomePaths,
  options: DatabaseOptions,
  change: (db: Database, stamp: string) => Promise<Result>,
): Promise<Result> {
  const place = await finalPlace(paths.warehouse)
  const next = place === paths.warehouse ? paths.next : join(dirname(place), 'warehouse.next.duckdb')
  await discard(next)
  try {
    const stamp = await stampOf(place)
    if (await exists(place)) await copyFast(place, next)
    const result = await changeCopy({ warehouse: place, next }, options, (db) => change(db, stamp))
    await whileUnchanged(place, stamp, () => moveInto(next, place))
    return result
  } catch (error) {
    await discard(next)
    throw error
  }
}

/** The warehouse and its working copy, where they lie in the end. */
type Places = Pick<HomePaths, 'warehouse' | 'next'>

/** So many loads, and the engine packs what they have left in small parts. */
const PACKED_EVERY = 8

/**
 * Leaves the parts of tables as the threads wrote them. Whole tables are packed well enough so, and to pack the last,
 * smaller part of each thread's work again costs as much as the load. A change of single rows leaves one small part, too:
 * to pack it at once would write the part before it anew each night, so that is done for several loads together.
 * @param seq of the load, where single rows are changed
 */
export async function leaveAsWritten(db: Database, seq?: number): Promise<void> {
  if (seq === undefined || seq % PACKED_EVERY !== 0) await db.run('set max_vacuum_tasks = 0')
}

async function changeCopy<Result>(
  paths: Places,
  options: DatabaseOptions,
  change: (db: Database) => Promise<Result>,
): Promise<Result> {
  const db = await Database.open(paths.next, options)
  try {
    // Rows have their place in the file in a column where it matters; without their order all threads can write.
    await db.run('set preserve_insertion_order = false')
    // A commit of more than that writes into the file at once, and no change log first: nobody would play it.
    await db.run(`set checkpoint_threshold = '1 KB'`)
    const result = await db.transaction(async () => {
      await prepareWarehouse(db, paths.warehouse)
      return change(db)
    })
    await db.run('checkpoint')
    return result
  } finally {
    db.close()
  }
}

/** What a killed run left of its working copy. */
async function discard(next: string): Promise<void> {
  await rm(next, { force: true })
  await rm(`${next}.wal`, { force: true })
}
