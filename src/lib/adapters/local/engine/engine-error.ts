import { EtlError } from '../../../core/errors.js'
import { systemError } from '../../../core/system-error.js'
import { shellWord } from '../../../core/words/shell-word.js'

/** What the system says through the engine, which gives its words and no code. */
const SYSTEM: readonly (readonly [RegExp, string])[] = [
  [/no space left|enospc|max_temp_directory_size/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
  [/too many open files in system/i, 'ENFILE'],
  [/too many open files/i, 'EMFILE'],
  [/read-only file system/i, 'EROFS'],
  [/permission denied|operation not permitted/i, 'EACCES'],
  [/input\/output error/i, 'EIO'],
  [/stale (nfs )?file handle/i, 'ESTALE'],
  [/too many levels of symbolic links/i, 'ELOOP'],
  [/file name too long/i, 'ENAMETOOLONG'],
  [/: not a directory/i, 'ENOTDIR'],
  [/: is a directory/i, 'EISDIR'],
  [/resource temporarily unavailable/i, 'EAGAIN'],
  [/cannot allocate memory|bad_alloc|bad allocation|allocation failure|failed to allocate/i, 'ENOMEM'],
]

const CORRUPT =
  /not a valid DuckDB database|corrupt|checksum|serialization error|deserializ|file is too small|different version|could not read (enough bytes )?from file|"raw_data\.schema_version" does not exist/i
const UNWRITTEN = /could not write|failed to (write|create|open)|cannot open file|disk full/i

/** @param problem goes on after the path */
export function corruptWarehouse(path: string, problem: string, cause?: Error): EtlError {
  return new EtlError(`${path} ${problem}`, {
    code: 'WAREHOUSE_CORRUPT',
    suggestions: [
      `mv ${shellWord(path)} ${shellWord(`${path}.broken`)} && rental-etl run   # everything is loaded again from the source`,
    ],
    ...(cause ? { cause } : {}),
  })
}

/** What the engine says, as an error that tells what to do; anything else is passed on as it is. */
export function engineError(error: unknown, path?: string): unknown {
  if (!(error instanceof Error) || error instanceof EtlError) return error
  // An internal error of the engine brings pages of addresses with it.
  const message = error.message.split(/\n+Stack Trace:/)[0] as string
  if (message !== error.message) return Object.assign(new Error(message), { stack: error.stack })
  if (/conflicting lock|could not set lock/i.test(message)) return lockedFile(error, path)
  const first = message.split('\n')[0] ?? message
  const named = /"(\/[^"]+)"/.exec(first)?.[1]
  const code = SYSTEM.find(([words]) => words.test(message))?.[1]
  // A statement may hold such words itself; what the engine tells of its surroundings has a kind of its own.
  const ofSurroundings =
    /^(IO|Out of Memory|Fatal|TransactionContext|Invalid) ?(Error)?/i.test(message) || /bad_alloc/.test(message)
  if (code && ofSurroundings) {
    const fault = Object.assign(new Error(first), { code, cause: error })
    return systemError(fault, { path: named ?? path })
  }
  if (/^Out of Memory Error/i.test(message)) return outOfMemory(error, first)
  if (/temporary file/i.test(message)) {
    return new EtlError(`what was spilled to scratch space cannot be read back: ${first}`, {
      code: 'IO',
      suggestions: ['rental-etl doctor   # the disks that are written to'],
      cause: error,
    })
  }
  // Of another file than the warehouse, such as one that was spilled to, it is no verdict on the warehouse.
  const ofWarehouse = named === undefined || named === path || named === `${path}.wal`
  // A file of the lake is judged by who reads it.
  if (CORRUPT.test(message) && /parquet/i.test(message)) return error
  if (path && ofWarehouse && CORRUPT.test(message)) {
    // A working copy is as broken as the warehouse that it is of, and gone by now.
    const file = path.replace(/\.next\.duckdb$/, '.duckdb')
    return corruptWarehouse(file, `cannot be read as a warehouse: ${first}`, error)
  }
  if (!UNWRITTEN.test(message) && (ofWarehouse || !CORRUPT.test(message))) return error
  return new EtlError(`cannot read or write: ${first}`, {
    code: 'IO',
    suggestions: [`ls -ld ${shellWord(named ?? path ?? '.')}`],
    cause: error,
  })
}

function lockedFile(error: Error, path: string | undefined): EtlError {
  const [, program, pid] = /held in (?:(.+?) )?\(?PID (\d+)\)?/i.exec(error.message) ?? []
  const name = program?.split('/').at(-1)
  const who = pid ? `${name ?? 'another process'} (PID ${pid})` : 'another process'
  return new EtlError(`${who} has ${path ?? 'the database'} open for writing`, {
    code: 'LOCKED',
    suggestions: pid
      ? [`ps -o pid,user,args -p ${pid}   # close it, or have it open the file read-only`]
      : [`fuser -v ${shellWord(path ?? '.')}   # close it, or have it open the file read-only`],
    cause: error,
  })
}

function outOfMemory(cause: Error, first: string): EtlError {
  return new EtlError(`the engine's memory is used up: ${first.replace(/^Out of Memory Error: /i, '')}`, {
    code: 'IO',
    suggestions: ['free -m   # the memory of this machine'],
    cause,
  })
}
