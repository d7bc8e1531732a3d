import { dirname } from 'node:path'
import { EtlError } from './errors.js'
import { shellWord } from './words/shell-word.js'

interface SystemFault {
  code?: unknown
  path?: unknown
  syscall?: unknown
}

/** What was to be done, and with which file; a path that the system names itself comes first. */
export interface About {
  act?: 'read' | 'write'
  path?: string | undefined
}

/** What a code means, and a command that shows the limit or the place that it is about. */
type Fault = readonly [why: string, look: (path: string) => string]

const folderOf = (path: string): string => shellWord(path === '.' ? path : dirname(path))
const owner = (path: string): string => `ls -ld ${shellWord(path)}   # what it is, and whose`

const FAULTS: Readonly<Record<string, Fault>> = {
  ENOSPC: ['no space is left on its disk', (path) => `df -h ${folderOf(path)}   # free some space`],
  EDQUOT: ["the user's disk quota is used up", (path) => `quota -s; df -h ${folderOf(path)}   # free some space`],
  EFBIG: [
    'the file grows beyond the limit of a file of this process (ulimit -f)',
    () => 'ulimit -f   # should say unlimited',
  ],
  EMFILE: ['this process may open no more files (ulimit -n)', () => 'ulimit -n   # 1024 or more is enough'],
  ENFILE: ['the machine may open no more files', () => 'cat /proc/sys/fs/file-nr   # open, free, limit'],
  ENOMEM: ['the system gives no more memory (ulimit -v, or the machine is full)', () => 'ulimit -v; free -m'],
  ERR_DLOPEN_FAILED: [
    "the engine's library cannot be loaded (ulimit -v, or one for another machine)",
    () => 'ulimit -v   # should say unlimited',
  ],
  EAGAIN: ['the system starts no more processes or threads (ulimit -u)', () => 'ulimit -u   # the limit of processes'],
  EROFS: [
    'its file system is read-only',
    (path) => `findmnt -T ${folderOf(path)}   # the file system, and how it is mounted`,
  ],
  EACCES: ['permission denied', owner],
  EPERM: ['permission denied', owner],
  ENOTDIR: ['a part of the path is no folder', owner],
  EISDIR: ['it is a folder', owner],
  ERR_FS_EISDIR: ['it is a folder', owner],
  EEXIST: ['something else is there', owner],
  ENOTEMPTY: ['the folder is not empty', owner],
  ELOOP: ['its symbolic links go round in a circle', owner],
  ENXIO: ['it is no regular file', owner],
  ENAMETOOLONG: [
    'the path is too long for its file system',
    (path) => `getconf PATH_MAX ${path.startsWith('/') ? '/' : '.'}`,
  ],
  EXDEV: ['it would have to move to another file system', (path) => `df -h ${folderOf(path)}`],
  EIO: ['the disk reports a fault', () => 'dmesg | tail   # what the system says of the disk'],
  ESTALE: ['the network file system has lost it', (path) => `findmnt -T ${folderOf(path)}`],
  EBUSY: ['something else uses it', (path) => `fuser -v ${shellWord(path)}   # who uses it`],
  ETXTBSY: ['something else uses it', (path) => `fuser -v ${shellWord(path)}   # who uses it`],
}

/**
 * What the system says, as exit 74 with the path, the limit that was met and a command that shows it; anything else as it
 * is. It is the only translation of such errors.
 * @param about given where it is known what was to be done: then every code of the system is trouble of the surroundings
 */
export function systemError(error: unknown, about?: About): unknown {
  if (!(error instanceof Error) || error instanceof EtlError) return error
  const { code, path: named, syscall } = error as SystemFault
  if (syscall === 'uv_cwd') return noWorkingFolder(error)
  if (typeof code !== 'string') return error
  const fault = FAULTS[code]
  if (!fault && !(about && /^E[A-Z]+$/.test(code))) return error
  const path = typeof named === 'string' ? named : about?.path
  const [why, look] = fault ?? unknownFault(error, code)
  const what = `cannot ${about?.act ?? 'read or write'}${path === undefined ? '' : ` ${path}`}`
  return new EtlError(`${what}: ${code}: ${why}`, { code: 'IO', suggestions: [look(path ?? '.')], cause: error })
}

function unknownFault(error: Error, code: string): Fault {
  const why = error.message.replace(`${code}: `, '').split(', ')[0] ?? code
  return [why, (path) => `ls -ld ${folderOf(path)}`]
}

function noWorkingFolder(cause: Error): EtlError {
  return new EtlError('the working directory is gone: it was removed, and relative paths lead nowhere', {
    code: 'NOT_FOUND',
    suggestions: ['cd ~   # or any other folder that is there'],
    cause,
  })
}
