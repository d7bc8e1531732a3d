import { lastCompleteDay } from '../../core/run/as-of.js'
import { BUILD_QUERY, type Build, NOT_BUILT } from '../../core/sql/build.js'
import type { Warehouse } from '../../ports/warehouse.js'
import { type Outcome, ok } from './probe.js'

/**
 * What a warehouse shows, and whether it is what one would expect.
 * @param expectedAsOf the as-of date that a run of now would have
 * @param odd what is known of it beside
 */
export async function warehouseProbe(warehouse: Warehouse, expectedAsOf: string, odd?: string): Promise<Outcome> {
  const { builds, facts } = await warehouse.read<{ builds: Build; facts: { n: string } }>({
    builds: BUILD_QUERY,
    facts: 'select count(*) as n from curated.fact_bookings',
  })
  const [build] = builds
  if (!build) return { status: 'warn', message: NOT_BUILT, mend: 'rental-etl resume' }
  const message = `shows run ${build.run_id}, as of ${build.as_of}`
  if (odd) return { status: 'warn', message: `${message}; ${odd}`, mend: 'rental-etl run' }
  if (Number(facts[0]?.n) === 0)
    return { status: 'warn', message: `${message}; it has no bookings to show`, mend: 'rental-etl verify' }
  if (build.as_of < lastCompleteDay(new Date(`${expectedAsOf}T00:00:00Z`)))
    return { status: 'warn', message: `${message}, which is stale`, mend: 'rental-etl run --watch' }
  return ok(message)
}
