import { Args, Flags } from '@oclif/core'
import { EtlError } from '../lib/core/errors.js'
import {
  allPeriodsCommand,
  checkRequest,
  DEFAULT_PERIODS,
  type MetricRequest,
} from '../lib/core/metrics/metric-query.js'
import {
  explainMetric,
  FILTER_NAMES,
  findMetric,
  GRAINS,
  METRICS,
  type Metric,
  type MetricExplanation,
  metricExplanation,
} from '../lib/core/metrics/metrics.js'
import { BaseCommand, tabularFlags } from '../lib/shell/base-command.js'
import { assertShown, currentBuild, readMetric } from '../lib/use-cases/metric.js'
import { rowStream } from '../lib/use-cases/row-stream.js'

export default class Metrics extends BaseCommand<typeof Metrics> {
  static override summary = 'Show a metric, or list all of them with their definitions.'
  static override description =
    `PERIOD is a year (2026), a month (2026-05), an ISO week (2026-W05), a day (2026-05-01), or a span of two (2026-01..2026-06, both ends in it): rows whose day, week or month starts in it. Without one the last ${DEFAULT_PERIODS} periods up to the as-of date are shown.

Filters compare exactly. --top N keeps ranks 1 to N of each period (and currency); ranks are over all rows of the period, whatever other filters leave of them, and ties share one. is_partial is true for a period that is not over at the as-of date.

Exit status: 0 shown, 64 a period, grain or filter that the metric does not have, 66 no such metric, no warehouse yet, or --run of another run than the views show.`
  static override examples = [
    {
      description: 'Occupancy of the last 12 months',
      command: '<%= config.bin %> <%= command.id %> occupancy --month',
    },
    {
      description: 'The three best listings of each week of the first half-year, for a script',
      command: '<%= config.bin %> <%= command.id %> listings 2025-01..2025-06 --top 3 --json',
    },
  ]
  static override args = {
    metric: Args.string({ description: METRICS.map(({ name }) => name).join(', '), ignoreStdin: true }),
    period: Args.string({
      description: '2026-05, 2026-W05, 2026-05-01, 2026, or 2026-01..2026-06.',
      ignoreStdin: true,
    }),
  }
  static override flags = {
    ...tabularFlags,
    week: Flags.boolean({ summary: 'By week, which the metric has to be.' }),
    month: Flags.boolean({ summary: 'By month, which the metric has to be.' }),
    day: Flags.boolean({ summary: 'By day, which the metric has to be.' }),
    city: Flags.string({ summary: 'Only this city.', helpValue: 'CITY' }),
    state: Flags.string({ summary: 'Only this state.', helpValue: 'STATE' }),
    currency: Flags.string({ summary: 'Only this currency.', helpValue: 'CODE' }),
    listing: Flags.string({ summary: 'Only this listing.', helpValue: 'ID' }),
    user: Flags.string({ summary: 'Only this user.', helpValue: 'ID' }),
    top: Flags.integer({ summary: 'Only ranks 1 to N within the period.', helpValue: 'N', min: 1 }),
    all: Flags.boolean({ summary: 'All periods, not only the last ones.' }),
    explain: Flags.boolean({ summary: 'Say how the metric is computed, and show no rows.' }),
    run: Flags.string({ summary: 'Only if the views show this run.', helpValue: 'RUN' }),
  }

  async run(): Promise<MetricExplanation | undefined> {
    const request = this.#request()
    if (this.args.metric === undefined) return this.#list(request)
    const metric = findMetric(this.args.metric)
    checkRequest(metric, request)
    if (!this.flags.explain) return this.#show(metric, request)
    const explanation = metricExplanation(metric)
    this.out(explainMetric(explanation))
    return explanation
  }

  #request(): MetricRequest {
    const { flags } = this
    const filters: MetricRequest['filters'] = {}
    for (const name of FILTER_NAMES) {
      const value = flags[name]
      if (value !== undefined) filters[name] = value
    }
    const grains = GRAINS.filter((name) => flags[name])
    return { period: this.args.period, grains, filters, top: flags.top, all: flags.all }
  }

  async #list(request: MetricRequest): Promise<undefined> {
    const narrowed = Object.keys(request.filters ?? {}).length + (request.grains?.length ?? 0) > 0
    if (narrowed || request.top !== undefined || request.all || this.flags.explain || this.flags.run !== undefined) {
      throw new EtlError('no metric is named: the flags go with one', {
        code: 'USAGE',
        suggestions: ['rental-etl metrics', 'rental-etl metrics occupancy --month'],
      })
    }
    const columns = ['name', 'grain', 'view', 'definition'].map((name) => ({ name, type: 'VARCHAR' }))
    const rows = METRICS.map(({ name, grain, view, definition }) => [name, grain, view, definition])
    await this.showTable(rowStream(columns, rows))
    this.next('rental-etl metrics occupancy --month')
  }

  async #show(metric: Metric, request: MetricRequest): Promise<undefined> {
    const runtime = await this.runtime()
    await using warehouse = await runtime.warehouse(this.signal)
    const build = await currentBuild(warehouse)
    this.runId = build.runId
    if (this.flags.run !== undefined) await assertShown(this.flags.run, build, runtime.runs)
    const result = await readMetric(warehouse, metric, request, build)
    if (result.hint) this.warning(result.hint)
    if (result.hasEarlier) this.next(allPeriodsCommand(metric, request))
    await this.showTable(result, {
      footer: result.footer,
      leaveOut: 'texts',
      result: { as_of: build.asOf, run_id: build.runId },
    })
  }
}
