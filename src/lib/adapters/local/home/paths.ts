import { join } from 'node:path'

/** Where things lie under the home of a local target. */
export interface HomePaths {
  home: string
  warehouse: string
  /** The working copy of a run; published by renaming it to `warehouse`. */
  next: string
  run(runId: string): string
  manifest(runId: string): string
  /** Paths of the lake, relative to the home: the same keys under `s3://<bucket>/` on aws. */
  lake(table: string, runId: string): string
  rejected(table: string, runId: string): string
  /** Of what a source of the table is made of, by run; of this target alone, relative to the home as well. */
  blocks(table: string): string
  /** Under it, each process makes scratch folders of its own (scratch.ts). */
  work: string
  sample(scale: number): string
}

export function homePaths(home: string): HomePaths {
  return {
    home,
    warehouse: join(home, 'warehouse.duckdb'),
    next: join(home, 'warehouse.next.duckdb'),
    run: (runId) => join(home, 'runs', runId),
    manifest: (runId) => join(home, 'runs', runId, 'manifest.json'),
    lake: (table, runId) => `data/raw/${table}/run_id=${runId}`,
    rejected: (table, runId) => `data/rejected/${table}/run_id=${runId}`,
    blocks: (table) => `data/blocks/${table}`,
    work: join(home, 'tmp'),
    sample: (scale) => join(home, 'sample', String(scale)),
  }
}
