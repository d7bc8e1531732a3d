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

function invalid(message: string): EtlError {
  return new EtlError(message, { code: 'CONFIG_INVALID' })
}
