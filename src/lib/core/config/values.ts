import { EtlError } from '../errors.js'
import { durationMs } from '../words/duration.js'

const MB = 1_000_000
const LEAST_MEMORY = 100 * MB

/** @throws EtlError CONFIG_INVALID for what is no duration */
export function checkDuration(text: string): void {
  if (durationMs(text) === undefined) throw invalid(`"${text}" is no duration: it takes 90s, 5m, 1h30m, or seconds`)
}

/** @throws EtlError CONFIG_INVALID for what is no amount of memory, or too little for the engine to work */
export function checkMemory(text: string): void {
  const match = /^(\d+)(MB|GB)$/.exec(text)
  if (!match) throw invalid(`"${text}" is no amount of memory: it takes digits and MB or GB, such as 2GB`)
  const bytes = Number(match[1]) * (match[2] === 'GB' ? 1000 * MB : MB)
  if (bytes < LEAST_MEMORY) throw invalid(`"${text}" is too little: the engine takes 100MB or more`)
}

const SECRET = /^(env|file):(.+)$/s

/** @throws EtlError CONFIG_INVALID for what names no place; it may be the secret itself, and is not told */
export function checkSecret(text: string): void {
  parseSecret(text)
}

/** Where a secret stands. @throws as `checkSecret` */
export function parseSecret(text: string): { kind: 'env' | 'file'; name: string } {
  const [, kind, name = ''] = SECRET.exec(text) ?? []
  if (kind !== 'env' && kind !== 'file')
    throw invalid('it names the place of a secret, env:NAME or file:PATH, and is not the secret itself')
  return { kind, name }
}

function invalid(message: string): EtlError {
  return new EtlError(message, { code: 'CONFIG_INVALID' })
}

/** @throws Error for what names no stack of CloudFormation */
export function checkStackName(text: string): void {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(text))
    throw new Error(`"${text}" names no stack: it takes letters, digits and -, and a letter in front`)
}

/** @throws Error for what names no bucket of S3 */
export function checkBucket(text: string): void {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(text))
    throw new Error(`"${text}" names no bucket: it takes 3 to 63 of a-z, 0-9 and -, and no - at either end`)
}

/** @throws Error for what is no ARN */
export function checkArn(text: string): void {
  if (!/^arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+$/.test(text)) throw new Error(`"${text}" is no ARN: it begins with arn:aws:`)
}
