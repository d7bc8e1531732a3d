import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JobEvent } from '../src/lib/adapters/local/workflow/job.js'
import { SOURCE_TABLES } from '../src/lib/core/model.js'
import type { LedgerLine } from '../src/lib/core/verify/verify.js'
import { RELATIONS } from './naive/index.js'
import { asOfDates, dirtySource, writeSource } from './support/dirty-source.js'
import { expectNaive } from './support/expect-naive.js'
import { mutationHistory } from './support/mutation-history.js'
import { readLedger, readRelations, runJobs } from './support/pipeline.js'
import { scratchFolder } from './support/temporary.js'

type Counted = Omit<LedgerLine, 'hop' | 'status'>

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1)
const options = (numRuns: number) => ({
  numRuns: numRuns * RUNS,
  interruptAfterTimeLimit: 100_000 * RUNS,
  markInterruptAsFailure: false,
})

test('a dirty source: every cell and count is as the naive implementation has it', {
  timeout: 130_000 * RUNS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(dirtySource, asOfDates, async (source, asOf) => {
      await using scratch = await scratchFolder()
      const folder = join(scratch.path, 'source')
      const home = join(scratch.path, 'home')
      await writeSource(folder, source)
      const events = await runJobs({ home, folder, asOf, runId: 'r1' })
      await expectNaive(home, folder, asOf)
      await expectInvariants(home)
      await expectFlowIsState(home, events)
    }),
    options(30),
  )
})

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

test('any history of mutations, failed and repeated runs gives each day what one full refresh gives', {
  timeout: 130_000 * RUNS,
}, async () => {
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
        await expectNaive(home, folder, asOf)
        await expectInvariants(home)
        if (course === 'full refresh') await expectFlowIsState(home, events)
        if (course === 'twice') await expectNothingMoves({ ...base, runId: `y${day}` })
      }
      await expectNothingMoves({
        home,
        folder: join(scratch.path, `day${history.length - 1}`),
        asOf: '2024-06-15',
        runId: 'last',
      })
    }),
    options(8),
  )
})

/** After a first load, and after a full refresh, the flow of the run is the state of everything (semantics.md §3). */
async function expectFlowIsState(home: string, events: JobEvent[]): Promise<void> {
  const { ledger } = await readLedger(home)
  const flows = events.flatMap((event) =>
    event.type === 'table_done' && event.layer !== 'extract' ? [event.flow] : [],
  )
  const counted = ({
    table,
    rows_in,
    rows_out,
    superseded,
    quarantined,
    nullified,
    filtered,
    unexplained,
  }: Counted) => ({
    ...{ table, rows_in, rows_out, superseded, quarantined, nullified, filtered, unexplained },
  })
  const states = ledger.filter(({ hop }) => hop === 'lake_to_raw' || hop === 'raw_to_curated')
  const byTable = (a: Counted, b: Counted) => (a.table < b.table ? -1 : 1)
  expect(flows.map(counted).sort(byTable)).toEqual(states.map(counted).sort(byTable))
}

/** Invariant 4 of semantics.md §5. */
async function expectInvariants(home: string): Promise<void> {
  const { ledger } = await readLedger(home)
  expect(ledger.filter(({ status, unexplained }) => status !== 'pass' || unexplained !== 0)).toEqual([])
  const { sums = [] } = await readRelations(home, {
    '(select (select coalesce(sum(bookings), 0) from presentation.vw_bookings_per_user_weekly) as a, (select coalesce(sum(bookings), 0) from presentation.vw_top_listings_weekly) as b, (select count(*) from curated.fact_bookings, curated.build where booking_date <= as_of) as c)':
      ['a', 'b', 'c'],
  }).then((relations) => ({ sums: Object.values(relations)[0]?.[0] ?? [] }))
  expect(new Set(sums).size).toBe(1)
  const bad = await readRelations(home, {
    '(select month_start as at from presentation.vw_occupancy_rate_monthly where booked_nights > available_nights or occupancy_rate < 0 or occupancy_rate > 1 union all select day from presentation.vw_repeat_customer_rate where repeat_customers > active_customers or repeat_rate < 0 or repeat_rate > 1)':
      ['at'],
  })
  expect(Object.values(bad)).toEqual([[]])
}

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
