import { Args, Flags } from '@oclif/core'
import { SETTING_KEYS } from '../lib/core/config/config.js'
import { EtlError } from '../lib/core/errors.js'
import { METRICS } from '../lib/core/metrics/metrics.js'
import { SELECTORS } from '../lib/core/run/run-selector.js'
import { SCOPES } from '../lib/core/verify/verify.js'
import { placeFlags } from '../lib/core/words/command-line.js'
import { type CompletableCommand, complete, completionLines, SHELLS } from '../lib/core/words/completion.js'
import { RELATIONS } from '../lib/core/words/relations.js'
import { TABLE_NAMES } from '../lib/core/words/table-names.js'
import { completionScript, targetNames } from '../lib/runtime-completion.js'
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
    const script = await completionScript(shell)
    this.outRaw(script.trimEnd())
    return { shell, script }
  }

  async #words(): Promise<{ words: string[] }> {
    const typed = this.argv.slice(this.argv.indexOf('--') + 1)
    // The runs of the home that the line is about.
    const { target, home } = placeFlags(typed)
    this.flags = { ...this.flags, ...(target === undefined ? {} : { target }), ...(home === undefined ? {} : { home }) }
    const completion = await complete(typed, this.#commands(), {
      runs: async () => {
        const records = await (await (await this.runtime()).runs()).list()
        return [...SELECTORS, ...records.map(({ state }) => state.run_id)]
      },
      targets: () => targetNames({ home }),
      metrics: METRICS.map(({ name }) => name),
      tables: TABLE_NAMES,
      relations: RELATIONS,
      scopes: [...SCOPES, 'all'],
      settings: SETTING_KEYS,
    })
    for (const line of completionLines(completion)) this.out(line)
    return { words: completion.words }
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
