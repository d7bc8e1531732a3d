import { newConfig } from '../lib/runtime-settings.js'
import { BaseCommand } from '../lib/shell/base-command.js'

export default class Init extends BaseCommand<typeof Init> {
  static override summary = 'Write rental-etl.yml with a local target.'
  static override description = `Writes into the working directory, touches no network, and never replaces a file.

Exit status: 0 written, 64 there is one already, 74 cannot write.`
  static override examples = [
    { description: 'With the sample source', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'With a folder of CSV files', command: '<%= config.bin %> <%= command.id %> --source csv:DIR' },
  ]

  async run(): Promise<{ path: string }> {
    const path = await newConfig(this.flags)
    this.out(`wrote ${path}`)
    this.next('rental-etl doctor', 'rental-etl run --watch')
    return { path }
  }
}
