import { setting } from '../lib/core/config/config.js'
import { nextMoment, parseCron } from '../lib/core/config/cron.js'
import { shellWord } from '../lib/core/words/shell-word.js'
import type { Runtime } from '../lib/runtime.js'
import { readInputs } from '../lib/runtime-settings.js'
import { BaseCommand } from '../lib/shell/base-command.js'

interface Schedule {
  schedule: string
  /** RFC 3339 in UTC; null where it never comes. */
  next_runs: string[]
  crontab: string
}

const SHOWN = 3

export default class ScheduleCommand extends BaseCommand<typeof ScheduleCommand> {
  static override summary = 'Show when the nightly run is due, and how to schedule it.'
  static override description =
    `Prints a line for crontab; nothing is installed. The times are those of \`schedule\` in rental-etl.yml, in UTC: the line CRON_TZ says so to cron. A cron that does not know it (Debian's) takes the hours in the zone of the machine; there, write them in that zone.

Exit status: 0 shown, 65 the configuration is invalid.`
  static override examples = [
    { description: 'When does it run next?', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'The crontab line alone', command: '<%= config.bin %> <%= command.id %> --json' },
  ]

  async run(): Promise<Schedule> {
    const runtime = await this.runtime()
    const cron = parseCron(runtime.schedule)
    const next: string[] = []
    for (
      let at: Date | undefined = nextMoment(cron, runtime.clock.now());
      at && next.length < SHOWN;
      at = nextMoment(cron, at)
    ) {
      next.push(at.toISOString().replace('.000Z', 'Z'))
    }
    const crontab = crontabLines(runtime.schedule, { ...runtime, flags: await this.#given(runtime) })
    this.out(next.length === 0 ? `${runtime.schedule} never comes` : `next: ${next.join(', ')} (UTC)`)
    this.out('to schedule it, add these lines with `crontab -e`:')
    this.out(crontab, { whole: true })
    return { schedule: runtime.schedule, next_runs: next, crontab }
  }

  /** Home and source where a flag or the environment names them: cron would not know. */
  async #given({ home, givenSource }: Runtime): Promise<string[]> {
    const { from } = setting('home', await readInputs(this.flags))
    return [
      ...(from === 'flag' || from === 'environment' ? [`--home ${shellWord(home)}`] : []),
      ...(givenSource === undefined ? [] : [`--source ${shellWord(givenSource)}`]),
    ]
  }
}

interface Place {
  target: string
  home: string
  configFolder: string
  /** Flags for what is not settled by the file. */
  flags: string[]
}

/** What cron takes: it has not the environment of this shell, and reads % as the end of a line. */
function crontabLines(schedule: string, { target, home, configFolder, flags }: Place): string {
  const run = ['rental-etl run', `--target ${shellWord(target)}`, ...flags].join(' ')
  const log = shellWord(`${home}/cron.log`)
  // The log's folder has to be there before the first run makes it.
  const command = `cd ${shellWord(configFolder)} && mkdir -p ${shellWord(home)} && ${run} >> ${log} 2>&1`
  return `CRON_TZ=UTC\n${schedule} ${command.replaceAll('%', '\\%')}`
}
