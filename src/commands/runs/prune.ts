import { Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/shell/base-command.js'
import { confirm } from '../../lib/shell/confirm.js'
import { yesFlag } from '../../lib/shell/flags.js'
import { loadHistory } from '../../lib/use-cases/load-history.js'
import { type PrunePlan, planPrune, pruneRuns } from '../../lib/use-cases/prune-runs.js'

export default class RunsPrune extends BaseCommand<typeof RunsPrune> {
  static override summary = 'Remove the records and logs of old runs.'
  static override description =
    `The newest success and a run that is going on always stay, and so does the lake: it is what raw is checked against. Shows what goes, asks on a terminal, and needs --yes without one.

Exit status: 0 removed (or nothing to remove), 64 declined or usage, 74 cannot write.`
  static override examples = [
    { description: 'Keep the last thirty', command: '<%= config.bin %> <%= command.id %> --keep 30' },
    { description: 'From a script', command: '<%= config.bin %> <%= command.id %> --keep 30 --yes --json' },
  ]
  static override flags = {
    keep: Flags.integer({ min: 1, required: true, summary: 'Number of runs that stay.' }),
    ...yesFlag(),
    'dry-run': Flags.boolean({ summary: 'Only show what would go.' }),
  }

  async run(): Promise<PrunePlan> {
    const { keep } = this.flags
    const runtime = await this.runtime()
    const runs = await runtime.runs()
    const plan = await planPrune({ runs, loads: () => loadHistory(runtime.warehouse) }, keep)
    const say = (text: string): void => (this.flags['dry-run'] ? this.out(text) : this.note(text))
    for (const { run_id, keep_manifest } of plan.remove) {
      say(`remove run ${run_id}${keep_manifest ? '; its manifest stays: raw was loaded from it' : ''}`)
    }
    if (plan.remove.length > 0 && !this.flags['dry-run']) {
      await confirm(`Remove ${plan.remove.length} runs and keep ${plan.kept}?`, {
        yes: this.flags.yes,
        json: this.jsonEnabled(),
        command: `rental-etl runs prune --keep ${keep} --yes`,
        signal: this.signal,
      })
      await pruneRuns(runs, plan)
    }
    const done = this.flags['dry-run'] ? 'would be removed' : 'removed'
    this.out(`${plan.remove.length} runs ${done}, ${plan.kept} kept`)
    return plan
  }
}
