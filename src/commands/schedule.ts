import { fileURLToPath } from 'node:url'
import { setting } from '../lib/core/config/config.js'
import { nextMoment, parseCron } from '../lib/core/config/cron.js'
import { type CronCommand, type CronZone, crontab } from '../lib/core/config/crontab.js'
import { flagName, SETTINGS, type Setting, type SettingKey } from '../lib/core/config/settings.js'
import type { Settings } from '../lib/runtime-settings.js'
import { readInputs } from '../lib/runtime-settings.js'
import { BaseCommand } from '../lib/shell/base-command.js'

interface Schedule {
  schedule: string
  /** RFC 3339 in UTC; null where it never comes. */
  next_runs: string[]
  crontab: string
}

const SHOWN = 3
const NO_PASSWORD =
  'cron knows neither MYSQL_PWD nor any other variable: name a file with the password in rental-etl.yml, source_password: file:PATH'
const TOOL = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export default class ScheduleCommand extends BaseCommand<typeof ScheduleCommand> {
  static override summary = 'Show when the nightly run is due, and how to schedule it.'
  static override description =
    `Prints a line for crontab; nothing is installed. The times are those of \`schedule\` in rental-etl.yml, in UTC; the line has them in the hours of the machine's zone, as every cron reads them. It works in cron's empty environment, and writes to cron.log in the home; of a run that fails cron sends the end of it by mail.

Exit status: 0 shown, 65 the configuration is invalid.`
  static override examples = [
    { description: 'When does it run next?', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'The crontab line alone', command: '<%= config.bin %> <%= command.id %> --json' },
  ]

  async run(): Promise<Schedule> {
    const { settings, clock } = await this.runtime()
    const { schedule } = settings
    const cron = parseCron(schedule)
    const next: string[] = []
    for (let at = nextMoment(cron, clock.now()); at && next.length < SHOWN; at = nextMoment(cron, at)) {
      next.push(at.toISOString().replace('.000Z', 'Z'))
    }
    const lines = crontab(schedule, await this.#command(settings), zoneOf(clock.now()))
    this.out(next.length === 0 ? `${schedule} never comes` : `next: ${next.join(', ')} (UTC)`)
    this.out('to schedule it, add this with `crontab -e`:')
    this.out(lines, { whole: true })
    if (lacksPassword(settings)) this.warning(NO_PASSWORD)
    return { schedule, next_runs: next, crontab: lines }
  }

  /** The run, with what a flag or the environment named: cron would not know it. */
  async #command(settings: Settings): Promise<CronCommand> {
    const { target, home, configFolder: folder } = settings
    const inputs = await readInputs(this.flags)
    const rows: readonly Setting[] = SETTINGS
    const given = rows.filter(({ key }) => ['flag', 'environment'].includes(setting(key as SettingKey, inputs).from))
    const valueText = ({ key }: Setting): string => String(settings[key as keyof Settings])
    const flags = given.filter(({ key, flag }) => flag && key !== 'target')
    const variables = given.flatMap((row) => (row.env && !row.flag ? [[row.env, valueText(row)] as const] : []))
    const words = ['run', '--target', target, ...flags.flatMap((row) => [`--${flagName(row.key)}`, valueText(row)])]
    return { node: process.execPath, tool: TOOL, folder, home, words, environment: Object.fromEntries(variables) }
  }
}

/** True where the password of a database stands in this shell's environment, or nowhere. */
function lacksPassword({ spec, sourceGiven, source_password }: Settings): boolean {
  if (spec.kind !== 'mysql') return false
  return sourceGiven || !(spec.password !== undefined || source_password?.startsWith('file:'))
}

/** The zone of this process, which is that of the machine unless TZ says otherwise. */
function zoneOf(now: Date): CronZone {
  const ahead = [0, 6].map((month) => -new Date(now.getFullYear(), month, 1).getTimezoneOffset())
  return { name: Intl.DateTimeFormat().resolvedOptions().timeZone, ahead }
}
