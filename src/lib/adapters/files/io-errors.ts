import { EtlError } from '../../core/errors.js'
import { systemError } from '../../core/system-error.js'
import { shellWord } from '../../core/words/shell-word.js'

/** What the system says on reading a file, as an error that tells what to do; what it has not said is passed on. */
export function readError(error: unknown, path: string): unknown {
  return systemError(error, { act: 'read', path })
}

/** The same on writing a file. */
export function writeError(error: unknown, path: string): unknown {
  return systemError(error, { act: 'write', path })
}

/** A pipe, a device or a folder where a file belongs: to open it could take for ever. */
export function notRegular(path: string): EtlError {
  return new EtlError(`${path} is no regular file`, {
    code: 'IO',
    suggestions: [`ls -ld ${shellWord(path)}   # what it is; move it away`],
  })
}
