/**
 * What holds a password, and how a text is told without it. A secret is found by where it stands: between user and host
 * of a URL, or behind a key that names one. Everything that is printed or written down goes through here. Repetitions are
 * bounded: a text of megabytes takes no longer than its length asks for.
 */
const MASK = '***'

/** As a user types it: up to the last @, whatever the password holds: a slash, an @, a blank. */
const IN_URL = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^:/?#\n]{0,200}):((?:(?![a-z][a-z0-9+.-]{0,30}:\/\/)[^\n])*)@/gi

const KEY = String.raw`(?:[\w.-]{0,40}(?:password|passwd|passphrase|pwd|secret|token|credentials?|access[_-]?key(?:[_-]?id)?|api[_-]?key|private[_-]?key|signature))`

/** A key in a list of options; in a path a folder may be called so. A quote ends the value, and so does the line. */
const BY_KEY = new RegExp(String.raw`(^|[?&;,:\s"'(\[{])(${KEY}["']?\s*=\s*)["']?[^&;\n"']+`, 'gim')

/** Keys of YAML and JSON. */
const BY_COLON =
  /(^|[\s"',{])((?:password|passwd|pwd)["']?\s*:\s+|(?:password|passwd|pwd)["']\s*:\s*)["']?[^,;}\n"']+/gim

/** A value such as `u:password@host`, or `mysql:u/password@host`; a folder may be called so. */
const OPAQUE = /^(?!csv:|[./~])([^:@/\n]{0,200}):.*@/is

/** Replaces each password in a text: in a URL, and behind its key. Rather too much than too little. */
export function maskSecrets(text: string): string {
  if (!/[@=:]/.test(text)) return text
  return text.replace(IN_URL, `$1$2:${MASK}@`).replace(BY_KEY, `$1$2${MASK}`).replace(BY_COLON, `$1$2${MASK}`)
}

/** A single value, such as a source, without its password; behind a key that names one nothing is told. */
export function maskValue(value: string): string {
  const line = value.replaceAll(/[\r\n]+/g, ' ')
  const masked = maskSecrets(line)
  if (masked === line)
    return !holdsPassword(value) ? value : isOpaque(line) ? line.replace(OPAQUE, `$1:${MASK}@`) : MASK
  const key = masked.indexOf(`=${MASK}`)
  return key === -1 ? masked : `${masked.slice(0, key)}=${MASK}`
}

/** True for a value that holds a password, also in the letters of a URL (`pass%77ord=`). */
export function holdsPassword(value: string): boolean {
  return [value, decoded(value)].some((text) => {
    const line = text.replaceAll(/[\r\n]+/g, ' ')
    return maskSecrets(line) !== line || isOpaque(line)
  })
}

function isOpaque(value: string): boolean {
  return !value.includes('://') && OPAQUE.test(value) && !value.includes(`:${MASK}@`)
}

function decoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** True for a value that can be told as it is: plain letters, of which none could part a user from a password. */
export function isPlain(value: string): boolean {
  return /^[\w.:/\\~+ -]{0,80}$/.test(value) && !holdsPassword(value)
}
