import { EtlError } from '../core/errors.js'
import { askedPeriod, DEFAULT_PERIODS, type MetricRequest, metricQuery } from '../core/metrics/metric-query.js'
import { addsPartial, type Filter, type FilterName, type Metric, PARTIAL } from '../core/metrics/metrics.js'
import { isPartial, type Period } from '../core/metrics/period.js'
import { BUILD_QUERY, NOT_BUILT, type Build as Row } from '../core/sql/build.js'
import { ident, literal } from '../core/sql/names.js'
import { nearest } from '../core/words/nearest.js'
import type { RunStore } from '../ports/run-store.js'
import type { Cell, ResultStream, Warehouse } from '../ports/warehouse.js'
import { ask, type Question, question, together } from './question.js'
import { readAhead } from './row-stream.js'
import { selectRun } from './select-run.js'

/** The run and the as-of date that the views show, and their first day; none where there is nothing to show. */
export interface Build {
  runId: string
  asOf: string
  first?: string
}

export interface MetricResult extends ResultStream {
  /** What the rows are: as of when, of which run, and which of all there are. */
  footer: string
  /** True when rows of earlier periods may be there, and were not asked for. */
  hasEarlier: boolean
  /** Why there is no row, when there is none. */
  hint: string | undefined
}

/** What the views show now. @throws EtlError NOT_FOUND when they show nothing yet */
export async function currentBuild(warehouse: Warehouse): Promise<Build> {
  const { builds, calendar } = await warehouse.read<{ builds: Row; calendar: { first: string | null } }>({
    builds: BUILD_QUERY,
    calendar: 'select min(day) as first from curated.dim_dates',
  })
  const [build] = builds
  const first = calendar[0]?.first
  if (build) return { runId: build.run_id, asOf: build.as_of, ...(first ? { first } : {}) }
  throw new EtlError(`there are no metrics: ${NOT_BUILT}`, {
    code: 'NOT_FOUND',
    suggestions: ['rental-etl run --watch'],
  })
}

/**
 * @param asked an id, or a selector such as `@latest`
 * @throws EtlError NO_RUN when the views show another run than the one that is asked for
 */
export async function assertShown(asked: string, build: Build, runs: () => Promise<RunStore>): Promise<void> {
  const runId = asked.startsWith('@') ? (await selectRun(await runs(), asked)).state.run_id : asked
  if (runId === build.runId) return
  throw new EtlError(`the views show run ${build.runId}, as of ${build.asOf}, not ${runId}`, {
    code: 'NO_RUN',
    suggestions: [`rental-etl runs show ${build.runId}`, 'rental-etl runs'],
  })
}

/** The rows of a metric, as they are asked for. */
export async function readMetric(
  warehouse: Warehouse,
  metric: Metric,
  request: MetricRequest,
  build: Build,
): Promise<MetricResult> {
  const { first } = build
  const period = askedPeriod(metric, request, build.asOf)
  const { stream, isEmpty } = await readAhead(await warehouse.stream(metricQuery(metric, request, period)))
  const unknown = isEmpty ? await unknownValue(warehouse, metric, request) : undefined
  const hasEarlier =
    request.period === undefined && period !== undefined && first !== undefined && first < period.from && !unknown
  const shown = hasEarlier ? `; the last ${DEFAULT_PERIODS} ${metric.grain}s, --all shows all` : ''
  return {
    ...withPartial(stream, metric, build.asOf),
    footer: `as of ${build.asOf}, run ${build.runId}${shown}`,
    hasEarlier,
    hint: isEmpty ? (unknown ?? whyEmpty(request, { period, asOf: build.asOf, first })) : undefined,
  }
}

/** The rows with a last column that says where a period is not over at the as-of date, unless the view has it. */
function withPartial({ columns, chunks }: ResultStream, metric: Metric, asOf: string): ResultStream {
  if (!addsPartial(metric)) return { columns, chunks }
  const at = columns.findIndex(({ name }) => name === metric.period)
  const marked = async function* (): AsyncGenerator<Cell[][], void> {
    for await (const rows of chunks) yield rows.map((row) => [...row, isPartial(String(row[at]), metric.grain, asOf)])
  }
  return { columns: [...columns, { name: PARTIAL, type: 'BOOLEAN' }], chunks: marked() }
}

interface Bounds {
  period: Period | undefined
  asOf: string
  first: string | undefined
}

function whyEmpty({ period: asked }: MetricRequest, { period, asOf, first }: Bounds): string {
  if (first === undefined)
    return 'there is nothing to show: no listing lives and nothing is booked up to the as-of date'
  if (period && period.from > asOf) return `${asked} lies after ${asOf}, the as-of date of the views`
  if (period && period.to <= first) return `${asked} lies before ${first}, the first day of the views`
  if (!period) return 'no row fits'
  return asked === undefined
    ? 'no row lies in the last periods; --all shows all'
    : `no row lies in ${asked}; --all shows all`
}

/** Says so when a value that was asked for stands nowhere, with the nearest one that does. */
async function unknownValue(warehouse: Warehouse, metric: Metric, request: MetricRequest): Promise<string | undefined> {
  const asked = Object.entries(request.filters ?? {}).flatMap(([name, value]) => {
    const filter = metric.filters[name as FilterName]
    return filter ? [unknownTo(name, filter, value)] : []
  })
  return (await ask(warehouse, together(...asked))).find((unknown) => unknown !== undefined)
}

function unknownTo(name: string, { type, known }: Filter, value: string): Question<string | undefined> {
  const column = ident(known.column)
  if (type === 'BIGINT') {
    const found = `select 1 as found from ${known.relation} where ${column} = cast(${literal(value)} as bigint) limit 1`
    return question<{ found: { found: number } }, string | undefined>({ found }, (rows) =>
      rows.found.length > 0 ? undefined : `there is no booking of ${name} ${value}`,
    )
  }
  const values = `select distinct ${column} as value from ${known.relation} where ${column} is not null order by 1`
  return question<{ values: { value: string } }, string | undefined>({ values }, (rows) => {
    const known = rows.values.map((row) => row.value)
    return known.includes(value) ? undefined : noSuchValue(name, value, known)
  })
}

function noSuchValue(name: string, value: string, values: readonly string[]): string {
  const wanted = value.trim().toLowerCase()
  const [near] = nearest(
    wanted,
    values.map((known) => known.toLowerCase()),
  )
  const match = values.find((known) => known.toLowerCase() === (near ?? wanted))
  return `no listing or booking has the ${name} "${value}"${match === undefined ? '' : `; the nearest is "${match}"`}`
}
