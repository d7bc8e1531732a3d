import type { SourceTable } from '../../../core/model.js'
import type { ManifestTable } from '../../../core/run/manifest.js'
import { lakeColumns, SCHEMA_VERSION } from '../../../core/sql/ddl.js'
import { manifestHash } from '../../files/manifest-hash.js'
import type { KnownSource } from '../../source/source.js'
import type { Database } from '../engine/database.js'
import { digestQuery } from '../engine/digest.js'
import { TYPING_VERSION } from '../engine/typing.js'
import type { HomePaths } from '../home/paths.js'
import { versionOf } from '../warehouse/structure.js'
import { type KnownBlocks, readBlocks } from './block-list.js'
import { WAREHOUSE } from './extract-state.js'
import { readManifest, schemaHash } from './manifest-file.js'

/** A table as the last load knew it: where its source and raw are still the same, to the byte, it need not be read. */
export interface KnownTable extends KnownSource {
  entry: ManifestTable
  /** Of raw and the open quarantine, as that load left them. */
  digest: string
  blocks(): Promise<KnownBlocks | undefined>
}

/** The fingerprint as a manifest keeps it: other rules of typing might find other rows in the same bytes. */
export function keptFingerprint(fingerprint: string): string {
  return `${fingerprint} ${TYPING_VERSION}`
}

/**
 * What the last load knew of each table. The warehouse says which manifest that was and what its hash is, so that a
 * manifest that somebody has changed says nothing; where it is gone, every table is read.
 */
export async function knownTables(
  db: Database,
  paths: HomePaths,
  tables: readonly SourceTable[],
): Promise<Map<string, KnownTable>> {
  const known = new Map<string, KnownTable>()
  // An older version kept no digests; the next load brings it up to this one.
  if (tables.length === 0 || (await versionOf(db, WAREHOUSE)) < SCHEMA_VERSION) return known
  const rows = await db.all<{ run_id: string; manifest_hash: string; table_name: string; digest: string | null }>(
    `select run_id, manifest_hash, table_name, digest from ${WAREHOUSE}.raw_data.load_log
      where seq = (select max(seq) from ${WAREHOUSE}.raw_data.load_log)`,
  )
  const [first] = rows
  const manifest = first && (await readManifest(paths, first.run_id).catch(() => undefined))
  if (!manifest || manifestHash(manifest) !== first.manifest_hash) return known
  for (const table of tables) {
    const entry = manifest.tables.find((one) => one.table === table.name)
    const digest = rows.find(({ table_name }) => table_name === table.name)?.digest
    const [fingerprint, version] = entry?.fingerprint?.split(' ') ?? []
    if (!entry || !fingerprint || !digest || version !== String(TYPING_VERSION)) continue
    if (entry.schema_hash !== schemaHash(lakeColumns(table))) continue
    let read: Promise<KnownBlocks | undefined> | undefined
    const blocks = (): Promise<KnownBlocks | undefined> => {
      read ??= readBlocks(paths, entry.blocks)
      return read
    }
    known.set(table.name, { fingerprint, entry, digest, blocks })
  }
  return known
}

/** True while raw and the open quarantine of a table are as the last load left them. */
export async function isAsLoaded(db: Database, table: SourceTable, { digest }: KnownTable): Promise<boolean> {
  const [row] = await db.all<{ digest: string }>(`select (${digestQuery(table, `${WAREHOUSE}.`)}) as digest`)
  return row?.digest === digest
}
