import { dirname } from 'node:path'
import { EtlError } from './errors.js'
import { shellWord } from './words/shell-word.js'

interface SystemError {
  code?: unknown
  path?: unknown
  syscall?: unknown
  message: string
}

const SPACE = ['ENOSPC', 'EDQUOT']
const DENIED = ['EACCES', 'EPERM', 'EROFS']
const TROUBLE = [
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENAMETOOLONG',
  'ENOTDIR',
  'EISDIR',
  'ERR_FS_EISDIR',
  'ELOOP',
  'EBUSY',
  'ETXTBSY',
]

/** A command to paste for a full disk, and for a place that cannot be written; undefined for anything else. */
export function writeHint(error: unknown): string | undefined {
  const { code } = error as SystemError
  if (SPACE.includes(String(code))) return 'df -h .   # free some space, then: rental-etl resume'
  return DENIED.includes(String(code)) ? 'rental-etl run --home DIR   # a folder that can be written' : undefined
}

/** A system error that nobody expected where it came, as exit 74 with what to do; anything else as it is. */
export function systemError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof EtlError) return error
  const surroundings = ofProcess(error)
  if (surroundings) return surroundings
  const { code, path } = error as SystemError
  const hint = writeHint(error)
  if (hint === undefined && !TROUBLE.includes(String(code))) return error
  const look = typeof path === 'string' && !SPACE.includes(String(code)) ? [`ls -ld ${shellWord(path)}`] : []
  return new EtlError(`cannot read or write: ${error.message}`, {
    code: 'IO',
    suggestions: [...look, hint ?? 'rental-etl doctor'],
    cause: error,
  })
}

/** What is wrong with the place that the process was started in, whichever command it is. */
function ofProcess(error: Error): EtlError | undefined {
  const { path, syscall, message } = error as SystemError
  if (syscall === 'uv_cwd') {
    return new EtlError('the working directory is gone: it was removed, and relative paths lead nowhere', {
      code: 'NOT_FOUND',
      suggestions: ['cd ~   # or any other folder that is there'],
      cause: error,
    })
  }
  if (syscall !== 'mkdtemp' || typeof path !== 'string' || SPACE.includes(String((error as SystemError).code)))
    return undefined
  return new EtlError(`no folder for temporary files can be made in ${dirname(path)} (TMPDIR): ${message}`, {
    code: 'IO',
    suggestions: ['export TMPDIR=DIR   # a folder that can be written', `ls -ld ${shellWord(dirname(path))}`],
    cause: error,
  })
}
