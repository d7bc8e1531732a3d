import type { SourceTable } from '../../../core/model.js'
import type { LakeFile } from '../../../core/run/manifest.js'
import { entryOf, type Load } from '../../../core/verify/loads.js'
import type { SampleRow } from '../../../core/verify/verify.js'
import type { BucketObject } from '../runs/bucket-files.js'

/** The objects of the lake, by their folders and keys. */
export type Folders = ReadonlyMap<string, ReadonlyMap<string, BucketObject>>

/** What a listing of the bucket says of the files of some loads. */
export interface FilesFound {
  /** What is not as a load left it. */
  damaged: SampleRow[]
  /** The loads whose files the bucket keeps no longer, as long as they were to be kept. */
  expired: Load[]
  /** The files that are as they were written. */
  whole: LakeFile[]
}

export type FileKind = 'files' | 'rejected_files'

/**
 * The files of loads against what their manifests say: that they are there, of the size, and the very objects that were written,
 * by their ETags. Their bytes are not read.
 * @param isPast the bucket need not keep the files of a load any more
 */
export function filesFound(
  loads: readonly Load[],
  table: SourceTable,
  kinds: readonly FileKind[],
  folders: Folders,
  isPast: (load: Load) => boolean,
): FilesFound {
  const found: FilesFound = { damaged: [], expired: [], whole: [] }
  for (const load of loads) {
    const entry = entryOf(load, table)
    const files = kinds.flatMap((kind) => entry?.[kind] ?? [])
    const there = ({ path }: LakeFile): BucketObject | undefined => folders.get(folderOf(path))?.get(path)
    const gone = files.filter((file) => !there(file))
    if (gone.length > 0 && isPast(load)) found.expired.push(load)
    else found.damaged.push(...gone.map(({ path }) => problem(load, path, 'is gone')))
    for (const file of files) {
      const object = there(file)
      if (!object) continue
      if (isWritten(file, object)) found.whole.push(file)
      else found.damaged.push(problem(load, file.path, 'is not as it was written'))
    }
    found.damaged.push(...strangers(load, table, kinds, files, folders))
  }
  return found
}

function isWritten({ bytes, etag }: LakeFile, object: BucketObject): boolean {
  return object.bytes === bytes && (etag === undefined || object.etag === etag)
}

const ROOTS: Readonly<Record<FileKind, string>> = { files: 'data/raw', rejected_files: 'data/rejected' }

function strangers(
  load: Load,
  table: SourceTable,
  kinds: readonly FileKind[],
  files: readonly LakeFile[],
  folders: Folders,
): SampleRow[] {
  if (!load.manifest) return []
  const named = new Set(files.map(({ path }) => path))
  const own = kinds.map((kind) => `${ROOTS[kind]}/${table.name}/run_id=${load.runId}/`)
  return own
    .flatMap((folder) => [...(folders.get(folder)?.keys() ?? [])])
    .filter((key) => !named.has(key) && !key.endsWith('/'))
    .map((key) => problem(load, key, 'is not in the manifest'))
}

function problem({ runId }: Load, file: string, what: string): SampleRow {
  return { file, run_id: runId, problem: what }
}

/** The folder of a key, with its slash. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}

/** Prefixes of all files of a table. */
export function foldersOf(table: SourceTable): string[] {
  return Object.values(ROOTS).map((folder) => `${folder}/${table.name}/`)
}
