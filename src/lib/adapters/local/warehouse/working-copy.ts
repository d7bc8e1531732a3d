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
 */
export async function publishChange<Result>(
  paths: HomePaths,
  options: DatabaseOptions,
  change: (db: Database) => Promise<Result>,
): Promise<Result> {
  const place = await finalPlace(paths.warehouse)
  const next = place === paths.warehouse ? paths.next : join(dirname(place), 'warehouse.next.duckdb')
  await discard(next)
  try {
    const stamp = await stampOf(place)
    if (await exists(place)) await copyFast(place, next)
    const result = await changeCopy({ warehouse: place, next }, options, change)
    await whileUnchanged(place, stamp, () => moveInto(next, place))
    return result
  } catch (error) {
    await discard(next)
    throw error
  }
}

/** The warehouse and its working copy, where they lie in the end. */
type Places = Pick<HomePaths, 'warehouse' | 'next'>

/**
 * For a change that writes whole tables: these are packed well enough as the threads wrote them, and to pack the last,
 * smaller part of each thread's work again costs as much as the load. Changes of single rows do need it.
 */
export async function leaveAsWritten(db: Database): Promise<void> {
  await db.run('set max_vacuum_tasks = 0')
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
