import { Args, Flags } from '@oclif/core'
import { SETTING_KEYS } from '../lib/core/config/config.js'
import { EtlError } from '../lib/core/errors.js'
import { METRICS } from '../lib/core/metrics/metrics.js'
import { SOURCE_TABLES } from '../lib/core/model.js'
import { SELECTORS } from '../lib/core/run/run-selector.js'
import {
  type CompletableCommand,
  complete,
  completionScript,
  placeFlags,
  SHELLS,
} from '../lib/core/words/completion.js'
import { BaseCommand } from '../lib/shell/base-command.js'

export default class Completion extends BaseCommand<typeof Completion> {
  static override summary = 'Set up completion of commands, flags, run ids and metrics in the shell.'
  static override description = `Prints a script for bash, zsh or fish; the shell sources it.

Exit status: 0 printed, 64 no such shell.`
  static override examples = [
    { description: 'Bash, for this session', command: 'source <(<%= config.bin %> <%= command.id %> bash)' },
    { description: 'Zsh, from now on', command: '<%= config.bin %> <%= command.id %> zsh > ~/.zfunc/_rental-etl' },
  ]
  static override strict = false
  static override args = { shell: Args.string({ description: `Shell: ${SHELLS.join(', ')}.`, default: 'bash' }) }
  static override flags = {
    words: Flags.boolean({ hidden: true, summary: 'Print the words that fit the end of the command line behind --.' }),
  }

  async run(): Promise<{ shell?: string; script?: string; words?: string[] }> {
    if (this.flags.words) return this.#words()
    const shell = SHELLS.find((name) => name === this.args.shell)
    if (shell === undefined) {
      throw new EtlError(`there is no completion for ${this.args.shell}; it is for ${SHELLS.join(', ')}`, {
        code: 'USAGE',
        suggestions: ['rental-etl completion bash'],
      })
    }
    const script = completionScript(shell, this.config.bin)
    this.outRaw(script.trimEnd())
    return { shell, script }
  }

  async #words(): Promise<{ words: string[] }> {
    const typed = this.argv.slice(this.argv.indexOf('--') + 1)
    // The runs of the home that the line is about.
    this.flags = { ...this.flags, ...placeFlags(typed) }
    const words = await complete(typed, this.#commands(), {
      runs: async () => {
        const records = await (await (await this.runtime()).runs()).list()
        return [...SELECTORS, ...records.map(({ state }) => state.run_id)]
      },
      metrics: METRICS.map(({ name }) => name),
      tables: SOURCE_TABLES.map(({ name }) => name),
      settings: SETTING_KEYS,
    })
    for (const word of words) this.out(word)
    return { words }
  }

  #commands(): CompletableCommand[] {
    return this.config.commands
      .filter(({ hidden }) => !hidden)
      .map(({ id, flags, args }) => ({
        id: id.replaceAll(':', ' '),
        flags: Object.values(flags)
          .filter(({ hidden }) => !hidden)
          .map((flag) => ({
            name: flag.name,
            char: flag.char,
            takesValue: flag.type === 'option',
            options: flag.type === 'option' ? flag.options : undefined,
          })),
        args: Object.values(args).map(({ name, options }) => ({
          name,
          options: typeof options === 'object' ? options : undefined,
        })),
      }))
  }
}
