import { Args, Flags } from '@oclif/core'
import { TRACE_KINDS, type TraceKind, traceKey } from '../lib/core/trace/key.js'
import type { Traced } from '../lib/core/trace/verdict.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { traceReport } from '../lib/ui/trace-report.js'
import { sourceOfLoad } from '../lib/use-cases/quarantine-line.js'
import { traceRow } from '../lib/use-cases/trace.js'

export default class Trace extends BaseCommand<typeof Trace> {
  static override summary = 'Find a row in every place, and the rule that dropped it.'
  static override description =
    `Looks for one key in the source as it is now, in quarantine, in the lake, in raw, in curated, and in the rows of the views that it has a part in. The last line is the verdict: how far it came, and what keeps it from going on. Nothing is changed. The source is that of the newest load, unless --source names another; where it cannot be read, that step says why, and all others are shown.

KEY is the id of a booking, a listing or a user. Of a view it is USER,LISTING,VIEWED_AT, with the time in UTC, such as 7,19,2026-05-01T10:00:00Z; a date alone is midnight. Of a user, bookings and views are counted.

Exit status: 0 shown, also where the row was dropped, 64 no such kind, or no key of it, 66 nobody knows the key (what was looked at is shown), or no warehouse yet, 74 the warehouse cannot be read.`
  static override examples = [
    { description: 'Where is this booking?', command: '<%= config.bin %> <%= command.id %> booking 7000000000' },
    {
      description: 'A listing with all its rows of views, for a script',
      command: '<%= config.bin %> <%= command.id %> listing 5508000001 --newest 1000 --json',
    },
  ]
  static override args = {
    kind: Args.string({
      description: 'What the key is of.',
      options: [...TRACE_KINDS],
      required: true,
      ignoreStdin: true,
    }),
    key: Args.string({ description: 'Its key.', required: true, ignoreStdin: true }),
  }
  static override flags = {
    newest: Flags.integer({
      default: 3,
      helpValue: 'N',
      min: 0,
      summary: 'Largest number of rows of each view; all are counted.',
    }),
  }

  async run(): Promise<Traced> {
    const key = traceKey(this.args.kind as TraceKind, this.args.key)
    await this.#chooseSource()
    const runtime = await this.runtime()
    const [curated, ledger] = await Promise.all([runtime.sql('curated'), runtime.sql('ledger')])
    const ports = {
      trace: await runtime.trace(),
      warehouse: () => runtime.warehouse(this.signal),
      runs: await runtime.runs(),
      sql: { curated, ledger },
    }
    const { newest } = this.flags
    const options = { newest, signal: this.signal, progress: (text: string) => this.progress(text) }
    const { traced, next } = await traceRow(ports, key, options)
    this.out(traceReport(traced))
    this.next(...next)
    if (traced.reached === null) this.exitWith('not_found')
    return traced
  }

  /** That of the newest load: its rows are those in the warehouse. */
  async #chooseSource(): Promise<void> {
    const runtime = await this.runtime()
    if (runtime.sourceGiven) return
    await using warehouse = await runtime.warehouse(this.signal)
    const source = await sourceOfLoad(warehouse, await runtime.runs())
    if (source !== undefined) this.switchSource(source)
  }
}
