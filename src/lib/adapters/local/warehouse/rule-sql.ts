import { EtlError } from '../../../core/errors.js'
import { createStatements } from '../../../core/sql/ddl.js'
import { viewStatement } from '../../../core/sql/statements.js'
import type { OwnRule } from '../../../core/verify/quality.js'
import { readSqlFiles } from '../../files/sql-files.js'
import { Database } from '../engine/database.js'
import { LocalWarehouse } from './warehouse.js'

/**
 * Binds the queries of a user's rules to the tables and views of a warehouse, without any rows: so that a mistake is told
 * before there is a warehouse, and by `doctor` and `ci smoke`, too.
 * @throws EtlError CONFIG_INVALID for the first that cannot run
 */
export async function assertRulesBind(rules: readonly OwnRule[]): Promise<void> {
  const db = await Database.open(':memory:')
  try {
    for (const statement of createStatements()) await db.run(statement)
    for (const { name, text } of await readSqlFiles('presentation')) await db.run(viewStatement(name, text))
    const warehouse = await LocalWarehouse.over(db)
    for (const rule of rules) {
      try {
        await warehouse.query(`select count(*) from (\n${rule.sql}\n) as bad`)
      } catch (error) {
        if (!(error instanceof EtlError)) throw error
        throw new EtlError(`${rule.where ?? 'quality.yml'}: rule ${rule.name} cannot run: ${error.message}`, {
          code: 'CONFIG_INVALID',
          suggestions: ['rental-etl tables   # relations and their columns'],
          cause: error,
        })
      }
    }
  } finally {
    db.close()
  }
}
