import { EtlError } from '../errors.js'
import { ident, literal } from '../sql/names.js'
import { shellWord } from '../words/shell-word.js'
import { type FilterName, type Grain, METRICS, type Metric } from './metrics.js'
import { isFiner, lastPeriods, type Period, parsePeriod, periodName } from './period.js'

/** What was asked on the command line, as it was typed. */
export interface MetricRequest {
  period?: string | undefined
  /** Flags of a grain that were given. */
  grains?: readonly Grain[]
  filters?: Partial<Record<FilterName, string>>
  /** Ranks 1 to this one. */
  top?: number | undefined
  all?: boolean
}

/** Periods that are shown when none is asked for. */
export const DEFAULT_PERIODS = 12

/** @throws EtlError USAGE for a flag that does not fit the metric, naming what does; for a bad period, and a value that is no number */
export function checkRequest(metric: Metric, request: MetricRequest): void {
  for (const grain of request.grains ?? []) {
    if (grain !== metric.grain) throw otherGrain(metric, grain)
  }
  for (const name of Object.keys(request.filters ?? {}) as FilterName[]) {
    checkFilter(metric, name, request.filters?.[name] ?? '')
  }
  if (request.top !== undefined && !metric.rank) {
    const ranked = METRICS.filter(({ rank }) => rank).map(({ name }) => name)
    throw usage(
      `${metric.name} has nothing to rank: --top goes with ${ranked.join(', ')}`,
      `rental-etl metrics ${metric.name}`,
    )
  }
  if (request.period === undefined) return
  if (request.all) {
    throw usage(
      `--all shows every ${metric.grain}: leave it out, or the period ${request.period}`,
      `rental-etl metrics ${metric.name} --all`,
    )
  }
  const { unit, from, to } = parsePeriod(request.period)
  if (isFiner(unit, metric.grain)) throw tooFine(metric, request.period, { from, to })
}

/** The days that are asked for; undefined for all. @param asOf the day up to which the views go */
export function askedPeriod(metric: Metric, request: MetricRequest, asOf: string): Period | undefined {
  if (request.all) return undefined
  return request.period === undefined ? lastPeriods(DEFAULT_PERIODS, metric.grain, asOf) : parsePeriod(request.period)
}

/** The command line that shows all periods of what was asked. */
export function allPeriodsCommand(metric: Metric, { filters, top }: MetricRequest): string {
  const flags = Object.entries(filters ?? {}).map(([name, value]) => `--${name} ${shellWord(value)}`)
  return ['rental-etl metrics', metric.name, ...flags, ...(top === undefined ? [] : [`--top ${top}`]), '--all'].join(
    ' ',
  )
}

/**
 * The statement that reads a metric: the columns of its view, in the order of period and rank or key.
 * `--top` keeps the ranks of the view, which are over all rows of the period, whatever the other filters leave of them.
 */
export function metricQuery(metric: Metric, request: MetricRequest, period: Period | undefined): string {
  const columns = Object.keys(metric.columns).map(ident).join(', ')
  const view = `presentation.${metric.view}`
  const start = ident(metric.period)
  const conditions: string[] = []
  const order = [metric.period, ...metric.order].map((column) => `${ident(column)} nulls last`)
  let from = view
  if (period) {
    conditions.push(
      `${start} >= cast(${literal(period.from)} as date)`,
      `${start} < cast(${literal(period.to)} as date)`,
    )
  }
  for (const [name, value] of Object.entries(request.filters ?? {})) {
    const filter = metric.filters[name as FilterName]
    if (filter) conditions.push(`${ident(filter.column)} = cast(${literal(value)} as ${filter.type.toLowerCase()})`)
  }
  if (request.top !== undefined && metric.rank) {
    if ('column' in metric.rank) conditions.push(`${ident(metric.rank.column)} <= ${request.top}`)
    else {
      const measure = ident(metric.rank.measure)
      from = `(select ${columns}, rank() over (partition by ${start} order by ${measure} desc) as place from ${view}) ranked`
      conditions.push(`place <= ${request.top}`)
      order.splice(1, 0, `${measure} desc`)
    }
  }
  const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
  return `select ${columns} from ${from}${where} order by ${order.join(', ')}`
}

function checkFilter(metric: Metric, name: FilterName, value: string): void {
  const filter = metric.filters[name]
  if (!filter) {
    const own = Object.keys(metric.filters).map((other) => `--${other}`)
    const others = METRICS.filter(({ filters }) => name in filters).map((other) => other.name)
    throw usage(
      `${metric.name} cannot be narrowed by --${name}: its view has no such column; it takes ${own.length > 0 ? own.join(', ') : 'no filter'}, and --${name} goes with ${others.join(', ')}`,
      `rental-etl metrics ${others[0]} --${name} ${shellWord(value)}`,
    )
  }
  if (filter.type === 'BIGINT' && !isBigint(value)) {
    throw usage(`--${name} takes a whole number, not "${value}"`, `rental-etl metrics ${metric.name} --${name} 1`)
  }
}

function isBigint(text: string): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}

function otherGrain({ name, grain }: Metric, asked: Grain): EtlError {
  const others = METRICS.filter((metric) => metric.grain === asked).map((metric) => metric.name)
  return usage(
    `${name} is kept by ${grain}, not by ${asked}: --${grain} is right; by ${asked} ${others.length === 1 ? 'there is' : 'there are'} ${others.join(', ')}`,
    `rental-etl metrics ${name} --${grain}`,
  )
}

function tooFine({ name, grain }: Metric, period: string, { from, to }: { from: string; to: string }): EtlError {
  const last = new Date(Date.parse(to) - 1).toISOString().slice(0, 10)
  const [first, end] = [periodName(from, grain), periodName(last, grain)]
  const right = first === end || !period.includes('..') ? first : `${first}..${end}`
  return usage(
    `${name} is kept by ${grain}, and ${period} is finer than that; ${right} is right`,
    `rental-etl metrics ${name} ${right}`,
  )
}

function usage(message: string, suggestion: string): EtlError {
  return new EtlError(message, { code: 'USAGE', suggestions: [suggestion] })
}
