import { SOURCE_TABLES } from '../../../core/model.js'
import type { Manifest } from '../../../core/run/manifest.js'
import { asManifest, type Load, type LogRow, loadedRuns, loadsOf } from '../../../core/verify/loads.js'
import { manifestHash } from '../../files/manifest-hash.js'
import type { BucketFiles, BucketObject } from '../runs/bucket-files.js'
import { type Folders, folderOf, foldersOf } from './lake-files.js'

/** Manifests that are read at once. */
const AT_ONCE = 16

/** Where the lake is, and what of the stack is needed to look at it. */
export interface LakePlace {
  files: BucketFiles
  /** ARN of the role that COPY takes. */
  copyRole: string
  /** Days for which the bucket keeps data/. */
  retentionDays: number
}

/** What is seen of the lake without reading its files. */
export interface LakeState {
  /** All loads, oldest first, each with its manifest where that is still there. */
  loads: Load[]
  folders: Folders
}

/** Reads the manifests of all loads, and lists the lake. */
export async function readLake(files: BucketFiles, log: readonly LogRow[]): Promise<LakeState> {
  const prefixes = SOURCE_TABLES.flatMap(foldersOf)
  const [manifests, ...objects] = await Promise.all([
    readManifests(files, loadedRuns(log)),
    ...prefixes.map((prefix) => files.objects(prefix)),
  ])
  return { loads: loadsOf(log, manifests, manifestHash), folders: byFolder(objects.flatMap((found) => [...found])) }
}

function byFolder(objects: readonly (readonly [string, BucketObject])[]): Folders {
  const folders = new Map<string, Map<string, BucketObject>>()
  for (const [key, object] of objects) {
    const folder = folderOf(key)
    folders.set(folder, (folders.get(folder) ?? new Map()).set(key, object))
  }
  return folders
}

async function readManifests(files: BucketFiles, runs: readonly string[]): Promise<Map<string, Manifest>> {
  const found = new Map<string, Manifest>()
  for (let at = 0; at < runs.length; at += AT_ONCE)
    await Promise.all(
      runs.slice(at, at + AT_ONCE).map(async (runId) => {
        const manifest = parsed(await files.read(`runs/${runId}/manifest.json`))
        if (manifest) found.set(runId, manifest)
      }),
    )
  return found
}

function parsed(text: string | undefined): Manifest | undefined {
  try {
    return text === undefined ? undefined : asManifest(JSON.parse(text))
  } catch {
    return undefined
  }
}
