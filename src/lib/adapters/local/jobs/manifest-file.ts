import { createHash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { EtlError } from '../../../core/errors.js'
import type { Column } from '../../../core/model.js'
import type { LakeFile, Manifest } from '../../../core/run/manifest.js'
import { exists, readJson, writeAtomic } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'

/** A file that a job has written, and its rows. */
export interface WrittenFile {
  path: string
  rows: number
}

/** Describes files of the lake; paths become relative to its root. */
export async function lakeFiles(root: string, files: readonly WrittenFile[]): Promise<LakeFile[]> {
  const described: LakeFile[] = []
  for (const { path, rows } of files) {
    described.push({ path: relative(root, path), bytes: (await stat(path)).size, rows, sha256: await sha256(path) })
  }
  return described
}

export function schemaHash(columns: readonly Column[]): string {
  return hashText(columns.map(({ name, type }) => `${name} ${type}`).join('\n'))
}

export async function writeManifest(paths: HomePaths, manifest: Manifest): Promise<void> {
  const path = paths.manifest(manifest.run_id)
  await mkdir(dirname(path), { recursive: true })
  await writeAtomic(path, `${JSON.stringify(manifest, undefined, 2)}\n`)
}

/** @throws EtlError NOT_FOUND when the run left no extract, IO when its manifest is not one */
export async function readManifest(paths: HomePaths, runId: string): Promise<Manifest> {
  const path = paths.manifest(runId)
  if (!(await exists(path))) {
    throw new EtlError(`run ${runId} has no manifest: its extract was not finished`, {
      code: 'NOT_FOUND',
      suggestions: ['rental-etl run'],
    })
  }
  const manifest = await readJson<Partial<Manifest>>(path).catch(() => ({}) as Partial<Manifest>)
  if (Array.isArray(manifest.tables)) return manifest as Manifest
  throw new EtlError(`${path} is not a manifest; the extract of run ${runId} cannot be loaded`, {
    code: 'IO',
    suggestions: ['rental-etl run   # extracts again: what is missing in raw is found anew'],
  })
}

/**
 * Makes sure that the files of a manifest are there and of their size, before anything is read: the engine would wait
 * for ever for a pipe in their place. @throws EtlError IO
 */
export async function assertSizes(paths: HomePaths, manifest: Manifest): Promise<void> {
  for (const file of filesOf(manifest)) {
    const found = await stat(join(paths.home, file.path)).catch(() => undefined)
    if (!isOfSize(found, file)) throw unfit(paths, file, manifest, found !== undefined)
  }
}

/** Makes sure that the files of a manifest are as they were written, to the byte. @throws EtlError IO */
export async function assertFiles(paths: HomePaths, manifest: Manifest): Promise<void> {
  await assertSizes(paths, manifest)
  for (const file of filesOf(manifest)) if (!(await isAsWritten(paths, file))) throw unfit(paths, file, manifest, true)
}

/** Whether a file of the lake is as it was written, to the byte. A pipe in its place is not read: that would take for ever. */
export async function isAsWritten({ home }: HomePaths, file: LakeFile): Promise<boolean> {
  const path = join(home, file.path)
  return isOfSize(await stat(path).catch(() => undefined), file) && (await sha256(path)) === file.sha256
}

function isOfSize(found: Stats | undefined, { bytes }: LakeFile): boolean {
  return found?.isFile() === true && found.size === bytes
}

function filesOf({ tables }: Manifest): LakeFile[] {
  return tables.flatMap(({ files, rejected_files }) => [...files, ...rejected_files])
}

function unfit(paths: HomePaths, file: LakeFile, { run_id }: Manifest, there: boolean): EtlError {
  const problem = there ? 'is not as it was written' : 'is gone'
  return new EtlError(`${join(paths.home, file.path)} ${problem}; the extract of run ${run_id} cannot be loaded`, {
    code: 'IO',
    suggestions: ['rental-etl run   # extracts again: what is missing in raw is found anew'],
  })
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 4 << 20 }), hash)
  return hash.digest('hex')
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
