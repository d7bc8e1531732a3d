import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { SourceTable } from '../../../core/model.js'
import { found } from '../../../core/verify/found.js'
import { entryOf, type Load, seqsOf, sinceRebuild } from '../../../core/verify/loads.js'
import { type CheckResult, type SampleRow, skipped } from '../../../core/verify/verify.js'
import type { Database } from '../engine/database.js'
import { exists } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'
import { lakeRelation } from '../jobs/lake.js'
import { isAsWritten } from '../jobs/manifest-file.js'
import { check, type Piece } from './check.js'
import { holdsLoad, lakePieces } from './lake-proof.js'
import { type LakePart, lakeRawQuery } from './lake-query.js'
import { quarantineQuery, type RejectPart } from './quarantine-query.js'

/** The lake's files against their manifests, and its rows against raw, since the last rebuild of the table. */
export async function auditLake(
  db: Database,
  paths: HomePaths,
  table: SourceTable,
  all: readonly Load[],
): Promise<CheckResult[]> {
  const name = `lake_content_${table.raw}`
  const loads = sinceRebuild(all, table)
  const parts: LakePart[] = []
  const damaged: SampleRow[] = []
  for (const [rank, load] of loads.entries()) {
    damaged.push(...(await damagesOf(paths, table, load)))
    const there = []
    for (const file of entryOf(load, table)?.files ?? [])
      if (await isRegular(join(paths.home, file.path))) there.push(file)
    if (there.length === 0) continue
    const rows = lakeRelation(paths.home, table, there)
    parts.push({ runId: load.runId, rank: rank + 1, seqs: seqsOf(load, table), rows })
  }
  const files = found(`lake_files_${table.raw}`, 'sha256 of each file in the lake against its manifest', damaged)
  const lost = loads.filter(({ manifest }) => !manifest).map(({ runId }) => runId)
  if (lost.length > 0)
    return [files, skipped(name, 'ledger', `which files run ${lost.join(', ')} has loaded is not known`)]
  if (parts.length === 0) return [files]
  const [first, ...later] = parts
  const whole: Piece = { sql: lakeRawQuery(table, parts) }
  if (first !== undefined && later.length === 0) whole.isSound = () => holdsLoad(db, table, first)
  return [files, await check(db, name, whole, { pieces: () => lakePieces(db, table, parts) })]
}

/** The quarantine against the rejects that each load brought. */
export async function auditQuarantine(
  db: Database,
  paths: HomePaths,
  table: SourceTable,
  loads: readonly Load[],
): Promise<CheckResult> {
  const parts: RejectPart[] = []
  const lost: string[] = []
  for (const load of loads) {
    const files = entryOf(load, table)?.rejected_files ?? []
    const whole = await Promise.all(files.map((file) => isAsWritten(paths, file)))
    // A full refresh keeps the quarantine of runs whose files are gone or damaged; that they are is told apart.
    if (!load.manifest || whole.includes(false)) lost.push(load.runId)
    else if (files.length > 0) parts.push({ runId: load.runId, files: files.map(({ path }) => join(paths.home, path)) })
  }
  return check(db, `quarantine_content_${table.raw}`, { sql: quarantineQuery(table.name, parts, lost) })
}

/** What is not as a load left it: its manifest, its files, and files that are not its own. */
async function damagesOf(paths: HomePaths, table: SourceTable, load: Load): Promise<SampleRow[]> {
  const { runId } = load
  const damaged: SampleRow[] = []
  if (load.changed || !load.manifest) {
    const file = relative(paths.home, paths.manifest(runId))
    damaged.push({
      file,
      run_id: runId,
      problem: load.manifest ? 'is not as it was loaded' : 'is gone, or no manifest',
    })
  }
  const entry = entryOf(load, table)
  const files = [...(entry?.files ?? []), ...(entry?.rejected_files ?? [])]
  for (const file of files) {
    if (await isAsWritten(paths, file)) continue
    const there = await exists(join(paths.home, file.path))
    damaged.push({ file: file.path, run_id: runId, problem: there ? 'is not as it was written' : 'is gone' })
  }
  const named = files.map(({ path }) => path)
  for (const folder of [paths.lake(table.name, runId), paths.rejected(table.name, runId)]) {
    const strangers = (await readdir(join(paths.home, folder)).catch(() => [])).map((file) => `${folder}/${file}`)
    for (const file of strangers.filter((path) => !named.includes(path)))
      damaged.push({ file, run_id: runId, problem: 'is not in the manifest' })
  }
  return damaged
}

function isRegular(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
