import type { Database } from './database.js'

/** Connections of one database by which statements that do not wait for each other run at the same time. */
export type Lanes = readonly [Database, ...Database[]]

/**
 * Two: one statement alone leaves a core idle where it reads in order, sorts or merges, and each holds memory of the
 * one limit of all.
 */
export async function lanesOf(db: Database): Promise<Lanes> {
  return [db, await db.beside()]
}

/**
 * Does tasks by the lanes, each by the next that is free. Where one fails no other is begun, and those that were are waited
 * for. @returns what each gave, in their order @throws what the first of them that failed has thrown
 */
export async function inLanes<Result>(
  lanes: Lanes,
  tasks: readonly ((db: Database) => Promise<Result>)[],
): Promise<Result[]> {
  const results = new Map<number, Result>()
  const failed = new Map<number, unknown>()
  let next = 0
  const follow = async (db: Database): Promise<void> => {
    while (next < tasks.length && failed.size === 0) {
      const at = next++
      try {
        results.set(at, await (tasks[at] as (db: Database) => Promise<Result>)(db))
      } catch (error) {
        failed.set(at, error)
      }
    }
  }
  await Promise.all(lanes.map(follow))
  if (failed.size > 0) throw failed.get(Math.min(...failed.keys()))
  return tasks.map((_, at) => results.get(at) as Result)
}
