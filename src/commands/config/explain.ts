import { Args } from '@oclif/core'
import { type Candidate, candidates, settingKey } from '../../lib/core/config/config.js'
import { readInputs } from '../../lib/runtime-settings.js'
import { BaseCommand } from '../../lib/shell/base-command.js'

interface Explained {
  key: string
  value: string | number | null
  /** Where the value comes from. */
  where: string
  /** Highest precedence first. */
  candidates: (Candidate & { wins: boolean })[]
}

export default class ConfigExplain extends BaseCommand<typeof ConfigExplain> {
  static override summary = 'Show the value of a setting, and which source of it won.'
  static override description =
    `Flags win over the environment, that over the target in rental-etl.yml, and that over the default. Passwords are masked.

Exit status: 0 shown, 64 no such setting or target, 65 the configuration is invalid.`
  static override examples = [
    { description: 'Where the data lie, and why there', command: '<%= config.bin %> <%= command.id %> home' },
    {
      description: 'The limit of deletions, for a script',
      command: '<%= config.bin %> <%= command.id %> guards.max_deleted --json',
    },
  ]
  static override args = {
    key: Args.string({ description: 'Setting, such as home, source, or guards.max_deleted.', required: true }),
  }

  async run(): Promise<Explained> {
    const key = settingKey(this.args.key)
    const all = candidates(key, await readInputs(this.flags))
    const [winner] = all
    for (const [at, { where, value }] of all.entries()) {
      this.out(`${at === 0 ? '*' : ' '} ${value ?? '(none)'}   ${where}`)
    }
    return {
      key,
      value: winner?.value ?? null,
      where: winner?.where ?? 'default',
      candidates: all.map((candidate, at) => ({ ...candidate, wins: at === 0 })),
    }
  }
}
