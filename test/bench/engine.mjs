import { DuckDBInstance } from '@duckdb/node-api'

/** Opens a database, gives its connection to `work`, and closes both. @param path a file, or `:memory:` */
export async function withEngine(path, work, config = {}) {
  const instance = await DuckDBInstance.create(path, config)
  const db = await instance.connect()
  try {
    return await work(db)
  } finally {
    db.closeSync()
    instance.closeSync()
  }
}

/** Runs the statements of a text, one after another. @returns the rows of the last one, as objects by column */
export async function query(db, sql) {
  const statements = await db.extractStatements(sql)
  for (let at = 0; ; at++) {
    const statement = await statements.prepare(at)
    try {
      const reader = await statement.runAndReadAll()
      if (at === statements.count - 1) return reader.getRowObjectsJson()
    } finally {
      statement.destroySync()
    }
  }
}

export async function engineVersion() {
  const [{ version }] = await withEngine(':memory:', (db) => query(db, 'select version() as version'))
  return version
}
