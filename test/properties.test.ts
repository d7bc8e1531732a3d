import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'vitest'
import { asOfDates, dirtySource, writeSource } from './support/dirty-source.js'
import { expectNaive } from './support/expect-naive.js'
import { expectFlowIsState, expectInvariants, PATIENCE, tries } from './support/invariants.js'
import { runJobs } from './support/pipeline.js'
import { scratchFolder } from './support/temporary.js'

test('a dirty source: every cell and count is as the naive implementation has it', PATIENCE, async () => {
  await fc.assert(
    fc.asyncProperty(dirtySource, asOfDates, async (source, asOf) => {
      await using scratch = await scratchFolder()
      const folder = join(scratch.path, 'source')
      const home = join(scratch.path, 'home')
      await writeSource(folder, source)
      const events = await runJobs({ home, folder, asOf, runId: 'r1' })
      const ledger = await expectNaive(home, folder, asOf)
      await expectInvariants(home, ledger)
      expectFlowIsState(ledger, events)
    }),
    tries(12),
  )
})
