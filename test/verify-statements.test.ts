import { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import { expect, test, vi } from 'vitest'
import Verify from '../src/commands/verify.js'
import { SCOPES, type Scope } from '../src/lib/core/verify/verify.js'
import { captureCommand } from './support/capture-command.js'
import { smallHome } from './support/small-home.js'
import { workingFolder } from './support/working-folder.js'

const { home, source } = smallHome()

/**
 * Statements that one scope may send. On an engine that is asked over a network each of them costs some tenths of a
 * second. Of a rule it is seven: what opens a user's query only to reading is done for each.
 */
const MOST: Readonly<Record<Scope, number>> = {
  counts: 31,
  ledger: 40,
  rules: 169,
  views: 101,
  freshness: 13,
  checksum: 53,
}

test.each(SCOPES)('verify --scope %s sends no more statements than it is known to need', async (scope) => {
  await workingFolder()
  expect(await statementsOf(scope)).toBeLessThanOrEqual(MOST[scope])
})

/** How many statements reach the engine while `verify` looks at a scope. */
async function statementsOf(scope: Scope): Promise<number> {
  const spies = [
    vi.spyOn(DuckDBConnection.prototype, 'run'),
    vi.spyOn(DuckDBConnection.prototype, 'stream'),
    vi.spyOn(DuckDBPreparedStatement.prototype, 'run'),
    vi.spyOn(DuckDBPreparedStatement.prototype, 'stream'),
  ]
  try {
    await captureCommand(Verify, 'verify', '--scope', scope, '--home', home(), '--source', `csv:${source()}`)
    return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
