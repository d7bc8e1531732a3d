/** How much of TLS is asked for, by the names of the mysql client: `preferred` uses it where the server offers it. */
export const SSL_MODES = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'] as const

export type SslMode = (typeof SSL_MODES)[number]

/** A database of a MySQL server. */
export interface MysqlSpec {
  kind: 'mysql'
  host: string
  port: number
  user: string
  database: string
  /** Where the URL held one. */
  password?: string
  /** A socket of this machine in the place of host and port. */
  socket?: string
  ssl: SslMode
  /** A file with the certificates that are trusted, as it was given. */
  sslCa?: string
}

const PORT = 3306
const OPTIONS = ['ssl-mode', 'ssl-ca', 'socket']

/**
 * `mysql://user[:password]@host[:port]/database[?ssl-mode=MODE&ssl-ca=FILE&socket=FILE]`, percent-encoded as in every URL.
 * @throws Error that says what is wrong with it, and nothing of what may be a password
 */
export function parseMysqlUrl(text: string): MysqlSpec {
  const url = URL.parse(text)
  if (url?.protocol !== 'mysql:')
    // No @ in it: whatever masks passwords would take it for the end of one.
    throw new Error('it is no URL; in a password / ? # : % and the at sign are percent-encoded, / as %2F')
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decoded)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (!user) throw new Error('it names no user: mysql://USER@host:3306/rental_db')
  if (!host) throw new Error('it names no host: mysql://user@HOST:3306/rental_db')
  if (!database || database.includes('/')) throw new Error('it names no database: mysql://user@host:3306/DATABASE')
  if (url.hash) throw new Error('nothing can stand behind a # in it; in a password # is %23')
  const unknown = [...url.searchParams.keys()].find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined)
    throw new Error(`it takes ${OPTIONS.join(', ')} behind the question mark, and nothing else`)
  const socket = url.searchParams.get('socket')
  const sslCa = url.searchParams.get('ssl-ca')
  const mode = url.searchParams.get('ssl-mode')
  return {
    kind: 'mysql',
    host,
    port: url.port === '' ? PORT : Number(url.port),
    user,
    database,
    ...(password ? { password } : {}),
    ...(socket ? { socket } : {}),
    // A file of certificates that is given is there to be looked at, as for the mysql client.
    ssl: mode === null ? (sslCa ? 'verify_ca' : 'preferred') : sslMode(mode),
    ...(sslCa ? { sslCa } : {}),
  }
}

/** The URL of a database without its password: what is shown, kept and compared. */
export function mysqlUrl({ host, port, user, database, socket, ssl, sslCa }: MysqlSpec): string {
  const address = host.includes(':') ? `[${host}]` : host
  const options = new URLSearchParams({
    ...(ssl === (sslCa ? 'verify_ca' : 'preferred') ? {} : { 'ssl-mode': ssl }),
    ...(sslCa ? { 'ssl-ca': sslCa } : {}),
    ...(socket ? { socket } : {}),
  }).toString()
  const [name, path] = [user, database].map(encodeURIComponent)
  return `mysql://${name}@${address}:${port}/${path}${options === '' ? '' : `?${options}`}`
}

function sslMode(text: string): SslMode {
  const found = SSL_MODES.find((mode) => mode === text.toLowerCase())
  if (found) return found
  throw new Error(`ssl-mode takes ${SSL_MODES.join(', ')}`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('a % in it that encodes nothing stands as %25')
  }
}
