import { rename, rm } from 'node:fs/promises'
import { Database, type DatabaseOptions } from '../engine/database.js'
import { copyFast, exists, syncFolder, writeError } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'
import { prepareWarehouse } from './structure.js'

/**
 * Changes the warehouse on a copy and publishes the copy by renaming it: readers keep the file that they have open, or
 * see the next; nobody blocks, and a kill at any moment leaves the old one. The run's lock keeps other writers away.
 */
export async function publishChange<Result>(
  paths: HomePaths,
  options: DatabaseOptions,
  change: (db: Database) => Promise<Result>,
): Promise<Result> {
  await discard(paths)
  if (await exists(paths.warehouse)) await copyFast(paths.warehouse, paths.next)
  let result: Result
  try {
    result = await changeCopy(paths, options, change)
  } catch (error) {
    await discard(paths)
    throw error
  }
  try {
    await rename(paths.next, paths.warehouse)
    await syncFolder(paths.home)
  } catch (error) {
    throw writeError(error, paths.warehouse)
  }
  return result
}

/**
 * For a change that writes whole tables: these are packed well enough as the threads wrote them, and to pack the last,
 * smaller part of each thread's work again costs as much as the load. Changes of single rows do need it.
 */
export async function leaveAsWritten(db: Database): Promise<void> {
  await db.run('set max_vacuum_tasks = 0')
}

async function changeCopy<Result>(
  paths: HomePaths,
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
async function discard(paths: HomePaths): Promise<void> {
  await rm(paths.next, { force: true })
  await rm(`${paths.next}.wal`, { force: true })
}
