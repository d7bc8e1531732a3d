import { expect } from 'vitest'
import type { JobEvent } from '../../src/lib/adapters/local/workflow/job.js'
import type { LedgerLine } from '../../src/lib/core/verify/verify.js'
import { readRelations } from './pipeline.js'

type Counted = Omit<LedgerLine, 'hop' | 'status'>

/** PROPERTY_RUNS=10 tries ten times as many cases. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1)

/** Cases are counted, not timed: what has not tried them all by the end is no success. */
export const tries = (numRuns: number) => ({
  numRuns: numRuns * RUNS,
  interruptAfterTimeLimit: 1_740_000 * RUNS,
  markInterruptAsFailure: true,
})
export const PATIENCE = { timeout: 1_800_000 * RUNS }

/** After a first load, and after a full refresh, the flow of the run is the state of everything (semantics.md §3). */
export function expectFlowIsState(ledger: readonly LedgerLine[], events: readonly JobEvent[]): void {
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
export async function expectInvariants(home: string, ledger: readonly LedgerLine[]): Promise<void> {
  expect(ledger.filter(({ status, unexplained }) => status !== 'pass' || unexplained !== 0)).toEqual([])
  const [[sums] = [], bad] = Object.values(await readRelations(home, { [SUMS]: ['a', 'b', 'c'], [BAD]: ['at'] }))
  expect(new Set(sums).size).toBe(1)
  expect(bad).toEqual([])
}

const SUMS = `(select (select coalesce(sum(bookings), 0) from presentation.vw_bookings_per_user_weekly) as a,
  (select coalesce(sum(bookings), 0) from presentation.vw_top_listings_weekly) as b,
  (select count(*) from curated.fact_bookings, curated.build where booking_date <= as_of) as c)`
const BAD = `(select month_start as at from presentation.vw_occupancy_rate_monthly
    where booked_nights > available_nights or occupancy_rate < 0 or occupancy_rate > 1
  union all select day from presentation.vw_repeat_customer_rate
    where repeat_customers > active_customers or repeat_rate < 0 or repeat_rate > 1)`
