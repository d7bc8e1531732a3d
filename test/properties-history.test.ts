import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SOURCE_TABLES } from '../src/lib/core/model.js'
import { RELATIONS } from './naive/index.js'
import { asOfDates, writeSource } from './support/dirty-source.js'
import { expectNaive } from './support/expect-naive.js'
import { expectFlowIsState, expectInvariants, PATIENCE, tries } from './support/invariants.js'
import { mutationHistory } from './support/mutation-history.js'
import { readRelations, runJobs } from './support/pipeline.js'
import { scratchFolder } from './support/temporary.js'

const step = fc.record({
  asOf: asOfDates,
  /** How the day's run goes: whole, twice, or stopped before a layer. */
  course: fc.constantFrom(
    'once',
    'once',
    'once',
    'twice',
    'no raw',
    'no curated',
    'unreconciled first',
    'full refresh',
  ),
})

test(
  'any history of mutations, failed and repeated runs gives each day what one full refresh gives',
  PATIENCE,
  async () => {
    await fc.assert(
      fc.asyncProperty(mutationHistory, fc.array(step, { minLength: 6, maxLength: 6 }), async (history, steps) => {
        await using scratch = await scratchFolder()
        const home = join(scratch.path, 'home')
        for (const [day, source] of history.entries()) {
          const { asOf, course } = steps[day] as { asOf: string; course: string }
          const folder = join(scratch.path, `day${day}`)
          await writeSource(folder, source)
          const base = { home, folder, asOf }
          if (course === 'no raw') await runJobs({ ...base, runId: `x${day}`, to: 'extract' })
          if (course === 'no curated') await runJobs({ ...base, runId: `x${day}`, to: 'raw' })
          if (course === 'unreconciled first') await runJobs({ ...base, runId: `x${day}`, reconcile: false })
          const events = await runJobs({ ...base, runId: `r${day}`, fullRefresh: course === 'full refresh' })
          const ledger = await expectNaive(home, folder, asOf)
          await expectInvariants(home, ledger)
          if (course === 'full refresh') expectFlowIsState(ledger, events)
          if (course === 'twice') await expectNothingMoves({ ...base, runId: `y${day}` })
        }
        await expectNothingMoves({
          home,
          folder: join(scratch.path, `day${history.length - 1}`),
          asOf: '2024-06-15',
          runId: 'last',
        })
      }),
      tries(2),
    )
  },
)

/** Invariant 2: an unchanged source moves no rows, with another as-of date, too. */
async function expectNothingMoves(again: { home: string; folder: string; asOf: string; runId: string }): Promise<void> {
  const tables = Object.fromEntries([
    ...SOURCE_TABLES.map(({ raw, columns }) => [
      `raw_data.${raw}`,
      [...columns.map(({ name }) => name), '_load_seq', '_run_id', '_position', '_superseded', '_nullified'],
    ]),
    // Only the calendar goes with the as-of date.
    ...Object.entries(RELATIONS).filter(([name]) => name.startsWith('curated.') && name !== 'curated.dim_dates'),
    ['raw_data.quarantine', ['id', 'row_text', 'first_run_id', 'cleared_run_id']],
  ] as [string, string[]][])
  const before = await readRelations(again.home, tables)
  const events = await runJobs(again)
  const flows = events.flatMap((event) =>
    event.type === 'table_done' && event.flow.inserted + event.flow.updated + event.flow.deleted > 0
      ? [event.flow]
      : [],
  )
  expect(flows).toEqual([])
  expect(await readRelations(again.home, tables)).toEqual(before)
  await expectNaive(again.home, again.folder, again.asOf)
}
