import { Flags } from '@oclif/core'
import { type Guess, type Missing, NOTHING_TO_MAP, type Proposal } from '../lib/core/config/guess.js'
import { mappingYaml, wayOut } from '../lib/core/config/guess-text.js'
import type { SourceMapping } from '../lib/core/config/mapping.js'
import { createSurvey } from '../lib/runtime.js'
import { newConfig, newConfigPath, TARGET_INDENT } from '../lib/runtime-settings.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { guessReport } from '../lib/ui/guess-report.js'
import { proposeMapping } from '../lib/use-cases/guess-mapping.js'

interface InitResult {
  path: string
  mapping?: SourceMapping
  guesses?: Guess[]
  missing?: Missing[]
}

export default class Init extends BaseCommand<typeof Init> {
  static override summary = 'Write rental-etl.yml with a local target.'
  static override description =
    `Writes into the working directory, touches no network, and never replaces a file. With --guess it reads names and first rows of the source, a folder or a database, and proposes a mapping; where there is a file already, the proposal is shown and not written.

Exit status: 0 written, 64 there is one already, or --guess without a source, 65 the source has no tables, 66 there is no such source, 74 cannot read or write, 77 the source may not be read.`
  static override examples = [
    { description: 'With a folder of CSV files', command: '<%= config.bin %> <%= command.id %> --source csv:DIR' },
    {
      description: 'With one that names tables and columns otherwise',
      command: '<%= config.bin %> <%= command.id %> --source csv:DIR --guess',
    },
  ]
  static override flags = {
    guess: Flags.boolean({ summary: 'Look at the source, and propose how its tables and columns are mapped.' }),
  }

  async run(): Promise<InitResult> {
    if (this.flags.guess) return this.#guess()
    const path = await newConfig(this.flags)
    this.out(`wrote ${path}`)
    this.next('rental-etl doctor', 'rental-etl run --watch')
    return { path }
  }

  async #guess(): Promise<InitResult> {
    const survey = await createSurvey(this.flags)
    this.progress(`looking at ${survey.source}`)
    const { proposal = NOTHING_TO_MAP, faults } = await proposeMapping(survey, this.signal)
    for (const fault of faults) this.warning(`not looked at: ${fault}`)
    const yaml = mappingYaml(proposal, TARGET_INDENT)
    this.#show(proposal)
    if ((await newConfigPath()).taken && yaml !== '') this.out(`\n${yaml}\n`, { whole: true })
    const path = await newConfig({ ...this.flags, source: survey.source }, yaml)
    for (const one of proposal.missing) if (one.required) this.warning(missingText(one))
    this.out(`wrote ${path}`)
    this.next('rental-etl doctor', 'rental-etl run --dry-run')
    return { path, ...proposal }
  }

  #show(proposal: Proposal): void {
    for (const line of guessReport(proposal)) this.out(line)
    const lacking = proposal.missing.some(({ required }) => required)
    if (Object.keys(proposal.mapping).length === 0 && !lacking)
      this.out('nothing to map: the source has the names of the model')
  }
}

/** What a run would say, before it does. */
function missingText({ table, column, why }: Missing): string {
  if (column === null) return `${table}: ${why}; a run is refused (exit 65) until rental-etl.yml names it with table:`
  return `${table}.${column}: ${why}; a run is refused (exit 65) until rental-etl.yml says what it is: ${wayOut(column)}`
}
