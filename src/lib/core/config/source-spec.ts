import { EtlError } from '../errors.js'
import { holdsPassword, isPlain } from '../words/secrets.js'
import { type MysqlSpec, parseMysqlUrl } from './mysql-url.js'

/** Where the rows come from. */
export type SourceSpec = { kind: 'sample'; scale: number } | { kind: 'csv'; folder: string } | MysqlSpec

/** The forms of a source, for messages. */
export const SOURCE_FORMS = 'csv:DIR, mysql://user@host/database or sample[:scale]'

export const MAX_SCALE = 1000

/**
 * A source as the user names it: `sample[:scale]`, `csv:DIR` (the folder as it was given) or a URL of MySQL. A password
 * stands in such a URL alone; what is no source is never told as it was given unless it is plain.
 * @param where the flag, variable or line that it stands in
 * @param fault what an error is of: the command line, or the configuration
 * @throws EtlError USAGE or CONFIG_INVALID
 */
export function parseSource(spec: string, where: string, fault: 'usage' | 'configuration' = 'usage'): SourceSpec {
  const sample = /^sample(?::(\d+(?:\.\d+)?))?$/.exec(spec)
  if (sample) {
    const scale = Number(sample[1] ?? 1)
    if (scale > 0 && scale <= MAX_SCALE) return { kind: 'sample', scale }
    throw wrong(`${where}: the scale of ${spec} is beyond 0 to ${MAX_SCALE}`, fault)
  }
  if (/^mysql:\/\//i.test(spec)) return mysqlSpec(spec, where, fault)
  const scheme = /^(?:csv:|jdbc:)?([a-z][a-z0-9+.-]{0,30}):\/\//i.exec(spec)?.[1]
  if (scheme && spec.startsWith('csv:'))
    throw wrong(`${where}: a csv source is a folder of this machine, not a URL (${scheme}://)`, fault)
  if (scheme) throw wrong(`${where}: a ${scheme}:// source is not in this version; it takes ${SOURCE_FORMS}`, fault)
  if (holdsPassword(spec))
    throw wrong(`${where}: it seems to hold a password, and only a mysql:// URL takes one`, fault)
  if (/^csv:./s.test(spec)) return { kind: 'csv', folder: spec.slice('csv:'.length) }
  const given = isPlain(spec) ? `"${spec}"` : `what is given (${spec.length} characters)`
  throw wrong(`${where}: ${given} is no source; it takes ${SOURCE_FORMS}`, fault)
}

function mysqlSpec(spec: string, where: string, fault: 'usage' | 'configuration'): MysqlSpec {
  try {
    return parseMysqlUrl(spec)
  } catch (error) {
    throw new EtlError(
      `${where}: a MySQL source is a URL, mysql://user@host:3306/database: ${(error as Error).message}`,
      {
        code: fault === 'usage' ? 'USAGE' : 'CONFIG_INVALID',
        suggestions: ['rental-etl config explain source', 'rental-etl run --source mysql://USER@HOST:3306/rental_db'],
      },
    )
  }
}

function wrong(message: string, fault: 'usage' | 'configuration'): EtlError {
  const usage = fault === 'usage'
  return new EtlError(message, {
    code: usage ? 'USAGE' : 'CONFIG_INVALID',
    suggestions: ['rental-etl run --source csv:DIR', 'rental-etl run --source sample:1'],
  })
}
