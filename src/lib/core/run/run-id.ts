import { EtlError } from '../errors.js'

/** What names a run, an execution of Step Functions, and a folder alike. */
const RUN_ID = /^[0-9A-Za-z_][0-9A-Za-z_-]{0,79}$/

/** An id `yyyymmddThhmmssZ-xxxx`. @param random four hex digits that keep runs of one second apart */
export function newRunId(now: Date, random: string): string {
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')
  return `${stamp}-${random}`
}

/** The error for an id that a run has already. */
export function takenRunId(id: string): EtlError {
  return new EtlError(`there is a run ${id} already`, {
    code: 'USAGE',
    suggestions: [`rental-etl runs show ${id}`, 'rental-etl run   # with an id of its own'],
  })
}

/** The id, if it can name a run. @throws EtlError USAGE */
export function checkRunId(id: string): string {
  if (RUN_ID.test(id)) return id
  throw new EtlError(`"${id}" cannot name a run: it takes 1 to 80 letters, digits, - and _, and no - in front`, {
    code: 'USAGE',
    suggestions: ['rental-etl run --name nightly-2026-05-01'],
  })
}

/** When the run of an id that the tool made began, `YYYY-MM-DD HH:MM:SS` in UTC; undefined for a name of the user's own. */
export function runStart(id: string): string | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{4}$/.exec(id) ?? []
  return year && `${year}-${month}-${day} ${hour}:${minute}:${second}`
}
