import { Flags } from '@oclif/core'
import type { RunStatus } from '../lib/core/run/run.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { confirm } from '../lib/shell/confirm.js'
import { runArgument, yesFlag } from '../lib/shell/flags.js'
import { cancelRun, runToCancel } from '../lib/use-cases/cancel-run.js'

interface Canceled {
  run_id: string
  status: RunStatus
  reason: string
}

export default class Cancel extends BaseCommand<typeof Cancel> {
  static override summary = 'Stop a run, and make sure that its jobs stopped.'
  static override description =
    `The layer that is going on is taken back whole; what was published before stays. Asks on a terminal, and needs --yes without one. Where another cancel came first, it waits for the end with that one's reason.

Exit status: 0 stopped (by this or another cancel, or it ended by itself just before), 64 declined, 66 no such run, or it is over.`
  static override examples = [
    {
      description: 'The run that is going on',
      command: '<%= config.bin %> <%= command.id %> --reason "wrong source"',
    },
    {
      description: 'From a script',
      command: '<%= config.bin %> <%= command.id %> @running --reason maintenance --yes --json',
    },
  ]
  static override args = runArgument(' or @running', '@running')
  static override flags = {
    reason: Flags.string({ summary: "Why; it is kept in the run's record.", helpValue: 'TEXT', required: true }),
    ...yesFlag(),
  }

  async run(): Promise<Canceled> {
    const { reason } = this.flags
    const runtime = await this.runtime()
    const runs = await runtime.runs()
    const record = await runToCancel(runs, this.args.run)
    const { run_id } = record.state
    this.runId = run_id
    const layer = record.state.layers.find(({ status }) => status === 'running')?.layer
    this.note(`run ${run_id}${layer ? `, at ${layer},` : ''} will be stopped`)
    await confirm('Stop it?', {
      yes: this.flags.yes,
      json: this.jsonEnabled(),
      command: `rental-etl cancel ${run_id} --reason TEXT --yes`,
      signal: this.signal,
    })
    const ports = { orchestrator: await runtime.orchestrator(), runs }
    const { record: ended, reason: kept } = await cancelRun(ports, run_id, reason)
    const { state } = ended
    if (kept !== reason) this.warning(`run ${run_id} was being canceled already: ${kept}`)
    this.out(
      state.status === 'canceled' ? `run ${run_id} is stopped` : `run ${run_id} had ended by itself: ${state.status}`,
    )
    if (state.status !== 'succeeded') this.next(`rental-etl resume ${run_id}`)
    return { run_id, status: state.status, reason: kept }
  }
}
