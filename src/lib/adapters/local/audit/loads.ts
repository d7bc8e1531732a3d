import type { Manifest } from '../../../core/run/manifest.js'
import { asManifest, LOG_QUERY, type Load, type LogRow, loadedRuns, loadsOf } from '../../../core/verify/loads.js'
import { manifestHash } from '../../files/manifest-hash.js'
import type { Database } from '../engine/database.js'
import { exists, readJson } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'

/** All loads of a warehouse, oldest first, each with its manifest where that is still there. */
export async function readLoads(db: Database, paths: HomePaths): Promise<Load[]> {
  const rows = await db.all<LogRow>(LOG_QUERY)
  const read = loadedRuns(rows).map(async (runId) => [runId, await readKnown(paths.manifest(runId))] as const)
  const manifests = (await Promise.all(read)).filter((one): one is [string, Manifest] => one[1] !== undefined)
  return loadsOf(rows, new Map(manifests), manifestHash)
}

async function readKnown(path: string): Promise<Manifest | undefined> {
  return asManifest((await exists(path)) ? await readJson<unknown>(path).catch(() => undefined) : undefined)
}
