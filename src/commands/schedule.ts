import { BaseCommand } from '../lib/base-command.js'
import { shellWord } from '../lib/core/shell-word.js'

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
    `Prints a line for crontab; nothing is installed. The times are those of \`schedule\` in rental-etl.yml, in UTC.

Exit status: 0 shown, 65 the configuration is invalid.`
  static override examples = [
    { description: 'When does it run next?', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'The crontab line alone', command: '<%= config.bin %> <%= command.id %> --json' },
  ]

  async run(): Promise<Schedule> {
    const { nextMoment, parseCron } = await import('../lib/core/cron.js')
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
    const { target, home, configFolder } = runtime
    const flags =
      runtime.configPath === undefined
        ? `--source ${shellWord(runtime.sourceSpec)} --home ${shellWord(home)}`
        : `--target ${target}`
    const log = `${home}/cron.log`
    const crontab = `${runtime.schedule} cd ${shellWord(configFolder)} && rental-etl run ${flags} >> ${shellWord(log)} 2>&1`
    this.out(next.length === 0 ? `${runtime.schedule} never comes` : `next: ${next.join(', ')} (UTC)`)
    this.out('to schedule it, add these lines with `crontab -e`:')
    this.out(`CRON_TZ=UTC\n${crontab}`)
    return { schedule: runtime.schedule, next_runs: next, crontab: `CRON_TZ=UTC\n${crontab}` }
  }
}
