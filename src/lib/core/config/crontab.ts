import { EtlError } from '../errors.js'
import { shellWord } from '../words/shell-word.js'
import { parseCron, shifted } from './cron.js'

/** A command as cron has to be given it: cron knows neither this shell's PATH nor its variables and working directory. */
export interface CronCommand {
  /** Absolute paths. */
  node: string
  tool: string
  /** Where rental-etl.yml lies, or would lie. */
  folder: string
  home: string
  words: readonly string[]
  /** Variables that settle what no flag can. */
  environment: Readonly<Record<string, string>>
}

/** The zone in which cron reads the hours: that of the machine, whatever Debian's cron is told by CRON_TZ. */
export interface CronZone {
  name: string
  /** Minutes ahead of UTC, in summer and in winter. */
  ahead: readonly number[]
}

/**
 * A crontab's line, with what there is to say above it. Without trouble it prints nothing, and cron sends no mail; a run
 * that fails shows the end of its log, and whatever hinders it before is not kept from cron either.
 * @throws EtlError USAGE for a path that no crontab can hold
 */
export function crontab(schedule: string, command: CronCommand, zone: CronZone): string {
  const { folder, home, node, tool, words, environment } = command
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${shellWord(value)}`)
  const run = [...variables, ...[node, tool, ...words].map(shellWord)].join(' ')
  const log = shellWord(`${home}/cron.log`)
  // The log's folder has to be there before the first run makes it.
  const line = `cd ${shellWord(folder)} && mkdir -p ${shellWord(home)} && { ${run} >> ${log} 2>&1 || { code=$?; tail -n 20 ${log}; exit $code; }; }`
  if (line.includes('\n')) {
    throw new EtlError('a line of crontab cannot hold a path with a line break', {
      code: 'USAGE',
      suggestions: ['rental-etl schedule --home DIR'],
    })
  }
  // Cron reads % as the end of the line.
  return `${times(schedule, zone)} ${line.replaceAll('%', '\\%')}`
}

/** The five fields in the machine's zone. Where its clocks change, the later of two times: a run is never too early. */
function times(schedule: string, { name, ahead }: CronZone): string {
  const most = Math.max(...ahead)
  const later = most - Math.min(...ahead)
  if (most === 0 && later === 0) return schedule
  const local = shifted(parseCron(schedule), schedule, most)
  if (local === undefined)
    return `# five fields cannot say ${schedule} UTC in ${name}: this needs a cron that knows CRON_TZ, which Debian's does not\nCRON_TZ=UTC\n${schedule}`
  const clocks = later > 0 ? `; out of summer time it begins ${later} minutes later` : ''
  return `# ${schedule} UTC, in the hours of ${name}${clocks}\n${local}`
}
