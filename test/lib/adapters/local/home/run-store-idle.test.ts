import { mkdir, writeFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { runFiles } from '../../../../../src/lib/adapters/local/home/run-files.js'
import { LocalRunStore } from '../../../../../src/lib/adapters/local/home/run-store.js'
import { begun, closed } from '../../../../fakes/orchestrator.js'
import { requestOf } from '../../../../fakes/requests.js'
import { temporaryFolder } from '../../../../support/temporary.js'

vi.mock('@duckdb/node-api', () => {
  throw new Error('the engine was loaded')
})

test('where no run is going on, the runs are listed without the engine', async () => {
  const home = await temporaryFolder()
  const files = runFiles(home, 'r-1')
  await mkdir(files.folder, { recursive: true })
  await writeFile(files.request, JSON.stringify(requestOf('r-1')))
  await writeFile(files.events, [begun('r-1'), closed()].map((event) => `${JSON.stringify(event)}\n`).join(''))
  expect((await new LocalRunStore(home).list()).map(({ state }) => state.status)).toEqual(['succeeded'])
  // Of a run without an end the lock has to be asked.
  await writeFile(files.events, `${JSON.stringify(begun('r-1'))}\n`)
  await expect(new LocalRunStore(home).list()).rejects.toThrow('mocking a module')
})
