import { join } from 'node:path'
import { createStatements } from '../../../core/sql/ddl.js'
import { viewStatement } from '../../../core/sql/statements.js'
import { type CheckResult, judge } from '../../../core/verify/verify.js'
import { readSqlFiles } from '../../files/sql-files.js'
import { Database } from '../engine/database.js'
import { inScratch } from '../home/files.js'

const VIEWS = `select view_name, sql from duckdb_views() where schema_name = 'presentation' order by view_name`

/** The views of a warehouse against sql/presentation: another engine makes them anew, and their texts are compared. */
export async function auditViews(db: Database): Promise<CheckResult> {
  const actual = new Map((await db.all<View>(VIEWS)).map((view) => [view.view_name, view.sql]))
  const differing = (await definedViews())
    .filter(({ view_name, sql }) => actual.get(view_name) !== sql)
    .map(({ view_name }) => ({
      view_name,
      difference: actual.has(view_name) ? 'is not as this version defines it' : 'missing',
    }))
  return judge({ name: 'views_as_defined', scope: 'views', severity: 'error', sql: VIEWS }, differing.length, differing)
}

type View = { view_name: string; sql: string }

/** By way of a file: the engine tells a view that it has read from one in other words than one that was just made. */
function definedViews(): Promise<View[]> {
  return inScratch(async (folder) => {
    const path = join(folder, 'views.duckdb')
    const made = await Database.open(path)
    try {
      for (const statement of createStatements()) await made.run(statement)
      for (const { name, text } of await readSqlFiles('presentation')) await made.run(viewStatement(name, text))
    } finally {
      made.close()
    }
    const read = await Database.open(path, { readOnly: true })
    try {
      return await read.all<View>(VIEWS)
    } finally {
      read.close()
    }
  })
}
