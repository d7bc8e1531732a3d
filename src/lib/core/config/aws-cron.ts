import { parseCron } from './cron.js'

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN']

/**
 * A line of crontab as a rule of EventBridge has it, in UTC as well: `cron(0 2 * * ? *)`. There one of both days has to be
 * `?`, a week begins on Sunday as 1, and a step has a first value (EventBridge user guide, "Cron expressions").
 * @throws Error for what is no line of crontab, and for one that names days of the month and of the week
 */
export function awsCron(schedule: string): string {
  parseCron(schedule)
  const [minute = '', hour = '', day = '', month = '', week = ''] = schedule.trim().split(/\s+/).map(withFirst)
  if (day !== '*' && week !== '*')
    throw new Error(`"${schedule}" names days of the month and of the week: a rule of AWS takes either`)
  const days = week === '*' ? '?' : week.replaceAll(/(?<!\/)\b\d\b/g, (number) => DAYS[Number(number)] ?? number)
  return `cron(${minute} ${hour} ${week === '*' ? day : '?'} ${month} ${days.toUpperCase()} *)`
}

function withFirst(field: string, at: number): string {
  // Days and months are counted from 1.
  const first = ['0', '0', '1', '1', 'SUN'][at]
  return field.replaceAll(/\*\/(\d+)/g, `${first}/$1`)
}
