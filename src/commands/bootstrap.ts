import { Flags } from '@oclif/core'
import type { StackPlan } from '../lib/ports/stack.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { confirm } from '../lib/shell/confirm.js'
import { yesFlag } from '../lib/shell/flags.js'
import { stackEventLine, stackPlanReport, stackStatusReport } from '../lib/ui/stack-report.js'

interface Bootstrapped {
  plan: StackPlan
  /** It was carried out, and something was left to do. */
  applied: boolean
  outputs: Readonly<Record<string, string>>
}

export default class Bootstrap extends BaseCommand<typeof Bootstrap> {
  static override summary = 'Make, on AWS, what the pipeline needs, or bring it up to this version.'
  static override description =
    `For a target of kind aws. Makes a CloudFormation stack of the template: the bucket of the lake, three Glue jobs and their roles, the workflow, its schedule, notices and alarms; uploads scripts and SQL; makes schemas, tables and views in Redshift. Database, warehouse, network and secrets are yours, and only named. Shows the plan, asks, and may be stopped and typed again: it goes on where it was. Where nothing is left to do it changes nothing. The schedule of a new stack is switched on last.

Exit status: 0 done or nothing to do, 1 a resource failed and the change was taken back, 64 declined, or a local target, 65 the configuration is invalid or the stack takes no change, 74 AWS is not reached, 75 another change goes on, 77 credentials or rights.`
  static override examples = [
    { description: 'What would be made', command: '<%= config.bin %> <%= command.id %> --target prod --dry-run' },
    {
      description: 'Make it, from a script',
      command: '<%= config.bin %> <%= command.id %> --target prod --yes --json',
    },
  ]
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Show the plan, and change nothing.' }),
    ...yesFlag(),
  }

  async run(): Promise<Bootstrapped> {
    const stack = await (await this.runtime()).stack()
    this.progress('looking at the stack')
    const plan = await stack.plan(this.signal)
    const dry = this.flags['dry-run']
    const say = (text: string): void => (dry || plan.unchanged ? this.out(text) : this.note(text))
    say(stackPlanReport(plan))
    if (dry || plan.unchanged) {
      if (!plan.unchanged) this.next('rental-etl bootstrap')
      return { plan, applied: false, outputs: (await stack.status(this.signal)).outputs }
    }
    await confirm('Do this?', {
      ...{ yes: this.flags.yes, json: this.jsonEnabled(), command: 'rental-etl bootstrap --yes', signal: this.signal },
    })
    for await (const event of stack.apply(this.signal)) this.note(stackEventLine(event))
    const status = await stack.status(this.signal)
    this.out(stackStatusReport(status))
    this.next('rental-etl run --watch')
    return { plan, applied: true, outputs: status.outputs }
  }
}
