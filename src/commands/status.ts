import type { StackStatus } from '../lib/ports/stack.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { stackStatusReport } from '../lib/ui/stack-report.js'

export default class Status extends BaseCommand<typeof Status> {
  static override summary = 'Show what bootstrap has made on AWS, and in which state it is.'
  static override description = `For a target of kind aws. The names and ARNs are those of the stack's outputs.

Exit status: 0 shown, 64 a local target, 65 the configuration is invalid, 66 there is no such stack yet, 74 AWS is not reached, 77 credentials or rights.`
  static override examples = [
    { description: 'The stack of a target', command: '<%= config.bin %> <%= command.id %> --target prod' },
    { description: 'Its outputs, for a script', command: '<%= config.bin %> <%= command.id %> --target prod --json' },
  ]

  async run(): Promise<StackStatus> {
    const status = await (await (await this.runtime()).stack()).status(this.signal)
    this.out(stackStatusReport(status))
    if (status.status === null) {
      this.exitWith('not_found')
      this.next('rental-etl bootstrap --dry-run')
    }
    return status
  }
}
