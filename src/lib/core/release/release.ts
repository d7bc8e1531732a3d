import { SOURCE_TABLES, type SourceTable } from '../model.js'
import { BUILD_STATE_QUERY } from '../sql/build.js'
import { type CuratedMode, type CuratedTexts, curatedScript } from '../sql/curated-script.js'
import { SCHEMA_VERSION } from '../sql/ddl.js'
import { everyLoadStep } from '../sql/load-script.js'
import { filled, type Step } from '../sql/script.js'
import { viewStatement } from '../sql/statements.js'
import {
  COPIED_REJECTS,
  copiedColumns,
  redshiftTables,
  STAGED_REJECTS,
  STAGING_PLACES,
  stagingTable,
} from './redshift-tables.js'
import { redshiftText } from './redshift-text.js'
import { type SnapshotQueries, snapshotQueries } from './snapshot.js'
import { type SparkTyping, sparkTyping } from './spark-typing.js'

/**
 * All that the jobs on AWS take from this version of the tool, as one document: the model and every statement, as Redshift
 * reads it. `bootstrap` uploads it under its hash, and a job is told which one it runs.
 */
export interface Release {
  schema_version: number
  tables: readonly SourceTable[]
  /** What makes the warehouse, and may be run again: the statements of a list are one transaction. */
  make: readonly (readonly string[])[]
  /** Of each relation that COPY fills, the columns in the order of the files. */
  staging: readonly { table: string; relation: string; columns: readonly string[] }[]
  /** What the extract is told of the warehouse. */
  snapshot: SnapshotQueries
  /** How the extract types the texts of each table. */
  spark: Readonly<Record<string, SparkTyping>>
  load: readonly Step[]
  /** Gives whether curated is to be rebuilt, and whether it is empty. */
  build_state: string
  curated: Readonly<Record<CuratedMode, readonly Step[]>>
}

const MODES: readonly CuratedMode[] = ['first', 'full', 'incremental']

/** @param texts the files under sql/; views are made by themselves, and not by every run */
export function releaseOf(texts: Required<CuratedTexts>): Release {
  const { curated, ledger, presentation } = texts
  const script = (mode: CuratedMode): Step[] => curatedScript(mode, { curated, ledger }).map(onRedshift)
  return {
    schema_version: SCHEMA_VERSION,
    tables: SOURCE_TABLES,
    make: [
      ...inTransactions([...redshiftTables(), FIRST_VERSION]),
      Object.entries(presentation).map(([name, text]) => viewStatement(name, text)),
    ].map((statements) => statements.map(redshiftText)),
    staging: [
      ...SOURCE_TABLES.map((table) => ({
        table: table.name as string,
        relation: stagingTable(table.name),
        columns: copiedColumns(table).map(({ name }) => name),
      })),
      {
        table: 'rejects',
        relation: STAGED_REJECTS,
        columns: COPIED_REJECTS.map(({ name }) => name),
      },
    ],
    snapshot: snapshotQueries(),
    spark: sparkTyping(),
    load: everyLoadStep().map((step) => onRedshift({ ...step, sql: staged(step) })),
    build_state: BUILD_STATE_QUERY,
    curated: Object.fromEntries(MODES.map((mode) => [mode, script(mode)])) as Record<CuratedMode, Step[]>,
  }
}

/** Of a warehouse that is new; one of another version is brought up by nothing yet, and refused by whoever opens it. */
const FIRST_VERSION = `insert into raw_data.schema_version select ${SCHEMA_VERSION} from (select count(*) as n from raw_data.schema_version) v where n = 0`

/** Room is left below the statements that a transaction may have. */
const STATEMENTS = 36

function inTransactions(statements: readonly string[]): string[][] {
  const parts = Math.ceil(statements.length / STATEMENTS)
  return Array.from({ length: parts }, (_, at) => statements.slice(at * STATEMENTS, (at + 1) * STATEMENTS))
}

function onRedshift(step: Step): Step {
  return { ...step, sql: redshiftText(step.sql) }
}

/** A step with the relations that COPY fills in the place of the lake's; what a run brings stays in its places. */
function staged(step: Step): string {
  const others = new Proxy(STAGING_PLACES, { get: (known, name: string) => known[name] ?? `{{${name}}}` })
  return filled(step, others)
}
