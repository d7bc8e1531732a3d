import { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import { expect, type MockInstance, test, vi } from 'vitest'
import Verify from '../src/commands/verify.js'
import { LocalWarehouse } from '../src/lib/adapters/local/warehouse/warehouse.js'
import { SCOPES, type Scope } from '../src/lib/core/verify/verify.js'
import { captureCommand } from './support/capture-command.js'
import { smallHome } from './support/small-home.js'
import { workingFolder } from './support/working-folder.js'

const { home, source } = smallHome()

/** Over a network each trip costs some tenths of a second, however many statements it carries. */
interface Sent {
  /** Calls of the warehouse port. */
  trips: number
  /** What reaches the engine: that of the audits, and of opening the warehouse, too. */
  statements: number
}

/** What one scope may send. */
const MOST: Readonly<Record<Scope, Sent>> = {
  counts: { trips: 2, statements: 28 },
  ledger: { trips: 0, statements: 50 },
  rules: { trips: 3, statements: 40 },
  views: { trips: 3, statements: 65 },
  freshness: { trips: 2, statements: 18 },
  checksum: { trips: 0, statements: 82 },
}

test.each(SCOPES)('verify --scope %s sends no more than it is known to need', async (scope) => {
  await workingFolder()
  const { trips, statements } = await sentBy(scope)
  expect(trips).toBeLessThanOrEqual(MOST[scope].trips)
  expect(statements).toBeLessThanOrEqual(MOST[scope].statements)
})

async function sentBy(scope: Scope): Promise<Sent> {
  const port = LocalWarehouse.prototype
  const trips = [
    vi.spyOn(port, 'read'),
    vi.spyOn(port, 'stream'),
    vi.spyOn(port, 'query'),
    vi.spyOn(port, 'keep'),
    vi.spyOn(port, 'knownUnique'),
    vi.spyOn(port, 'relations'),
    vi.spyOn(port, 'exportTo'),
  ]
  const statements = [
    vi.spyOn(DuckDBConnection.prototype, 'run'),
    vi.spyOn(DuckDBConnection.prototype, 'stream'),
    vi.spyOn(DuckDBPreparedStatement.prototype, 'run'),
    vi.spyOn(DuckDBPreparedStatement.prototype, 'stream'),
  ]
  const calls = (spies: readonly MockInstance[]): number => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
  try {
    await captureCommand(Verify, 'verify', '--scope', scope, '--home', home(), '--source', `csv:${source()}`)
    return { trips: calls(trips as MockInstance[]), statements: calls(statements as MockInstance[]) }
  } finally {
    for (const spy of [...trips, ...statements]) spy.mockRestore()
  }
}
