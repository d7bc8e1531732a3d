import { afterAll, beforeAll } from 'vitest'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { createDatabase } from './mysql-tables.js'

export interface MysqlServer {
  readonly server: Mariadb
  /** Of the empty database, to read it by. */
  readonly url: string
}

/** A server with the empty database for all tests of a file; there from the first of them on. */
export function mysqlServer(): MysqlServer {
  const started: { server?: Mariadb; url: string } = { url: '' }
  beforeAll(async () => {
    started.server = await startMariadb()
    started.url = await createDatabase(started.server)
  })
  afterAll(() => started.server?.[Symbol.asyncDispose]())
  return started as MysqlServer
}
