import { createHash, randomBytes } from 'node:crypto'
import { accessSync, constants, lstatSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { writeError } from '../../files/io-errors.js'
import { makeFolder } from '../../files/make-folder.js'
import { isGone, ownMark, type ProcessMark } from '../../files/process-life.js'

/** In each scratch folder: whose it is. Without it no folder is ever removed. */
export const SCRATCH_MARKER = '.rental-etl-scratch.json'

// Of a process on another machine nobody here knows whether it lives; no run takes that long.
const FOREIGN_DAYS = 7

/** The first part, its machine, stands in the name since a process may come to its end before it has marked its folder. */
const SCRATCH = /^rental-etl-(?:([0-9a-f]{8})-)?(\d+)-[0-9a-f]{12}$/
const SPILL = /^rental-etl-spill-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{12}$/
/** A link in a folder to spill to, through which the engine writes a file elsewhere. */
export const EXPORT_LINK = 'export'
/** What lies in such a folder: the engine's own files, by what it calls them, and that link. */
const SPILLED = new RegExp(`^duckdb_temp_(storage|block)|^${EXPORT_LINK}$`)

export interface Scratch {
  path: string
  /** Removes the folder with all that is in it. */
  remove(): Promise<void>
}

/**
 * Makes a folder for this process alone under `parent`, and clears what dead processes have left there.
 * @throws EtlError IO
 */
export async function openScratch(parent: string): Promise<Scratch> {
  const path = join(parent, `rental-etl-${HOST}-${process.pid}-${randomBytes(6).toString('hex')}`)
  try {
    await makeFolder(parent)
    await clearDead(parent)
    await mkdir(path, { mode: 0o700 })
    await writeFile(join(path, SCRATCH_MARKER), `${JSON.stringify(ownMark())}\n`, { flag: 'wx' })
  } catch (error) {
    await rm(path, { recursive: true, force: true }).catch(() => undefined)
    throw writeError(error, path)
  }
  return { path, remove: () => removeScratch(path) }
}

/** The marker last: a process that is killed meanwhile leaves what the next one still knows. */
async function removeScratch(path: string): Promise<void> {
  for (const name of namesIn(path))
    if (name !== SCRATCH_MARKER) await rm(join(path, name), { recursive: true, force: true })
  await rm(path, { recursive: true, force: true })
}

/** A folder for this process in the system's own for temporary files, which is never made. @throws EtlError IO naming TMPDIR */
export async function systemScratch(): Promise<Scratch> {
  const parent = tmpdir()
  try {
    accessSync(parent, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new EtlError(`no folder for temporary files can be made in ${parent} (TMPDIR): ${(cause as Error).message}`, {
      code: 'IO',
      suggestions: ['export TMPDIR=DIR   # a folder that can be written', `ls -ld ${shellWord(parent)}`],
      cause,
    })
  }
  return openScratch(parent)
}

/** Works in a folder outside the home that is removed afterwards: for what must not even leave scratch space there. */
export async function inScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  return workIn(await systemScratch(), work)
}

/** Works in a scratch folder, and removes it then. Why the work failed matters more than what stays of the folder. */
export async function workIn<Result>(scratch: Scratch, work: (folder: string) => Promise<Result>): Promise<Result> {
  const result = await work(scratch.path).catch(async (error) => {
    await scratch.remove().catch(() => undefined)
    throw error
  })
  await scratch.remove()
  return result
}

/**
 * Removes what processes have left in a folder that are gone: only folders that this tool made for this user, which are
 * known by their marker or, those that the engine spilled to, by their name and that of each file in them. A link is
 * never followed. What cannot be removed stays.
 */
export async function clearDead(parent: string): Promise<void> {
  for (const name of namesIn(parent)) {
    const path = join(parent, name)
    if (!isOwnFolder(path)) continue
    if (SCRATCH.test(name)) {
      if (isLeft(path, scratchMark(path))) await removeScratch(path).catch(() => undefined)
      else if (isOfDead(name)) await removeUnmarked(path).catch(() => undefined)
    }
    if (SPILL.test(name) && isLeft(path, spillMark(name))) await removeSpill(path)
  }
}

/**
 * Removes the folder that version 0.1.0 made for a run, which had no marker: it has the run's name, and nothing in it but
 * what an extract puts there. Only for a run that is gone.
 */
export async function clearFirstForm(work: string, runId: string): Promise<void> {
  const path = join(work, runId)
  const known = /^(data|spill|sample|.+\.csv\.(normalised|misfits\.jsonl)|rental-etl-spill-.+)$/
  if (isOwnFolder(path) && namesIn(path).every((name) => known.test(name))) await rm(path, { recursive: true })
}

export interface SpillFolder {
  path: string
  /** Removes what the engine has left there. */
  remove(): void
}

/**
 * A folder for what one opened database does not hold in memory: the engine names its files alike in each process, so
 * that two of them in one folder spoil each other's. The engine makes it when it needs it.
 * @param parent where it lies: there or, where that is missing, beside it; where nothing can be written there, in the
 * system's folder for temporary files
 */
export function spillFolder(parent: string): SpillFolder {
  const place = [parent, dirname(parent)].find(isWritable) ?? tmpdir()
  const { start = '0' } = ownMark()
  const path = join(place, `rental-etl-spill-${HOST}-${process.pid}-${start}-${randomBytes(6).toString('hex')}`)
  return {
    path,
    remove: () => {
      try {
        for (const name of namesIn(path)) if (SPILLED.test(name)) rmSync(join(path, name), { force: true })
        rmdirSync(path)
      } catch {
        // It was not needed: the engine made none, or has removed it.
      }
    },
  }
}

const HOST = hostHash(hostname())

function hostHash(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 8)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

async function removeSpill(path: string): Promise<void> {
  try {
    for (const name of namesIn(path)) if (SPILLED.test(name)) await unlink(join(path, name))
    await rmdir(path)
  } catch {
    // Another command was faster, or something else lies in it, which then is not ours.
  }
}

/** By its name it is of a process of this machine, of whose number there is none now. */
function isOfDead(name: string): boolean {
  const [, host, pid] = SCRATCH.exec(name) ?? []
  return host === HOST && isGone({ pid: Number(pid), host: hostname(), start: undefined }) === true
}

/** A folder whose process came to its end before it had written the marker: with nothing in it, or an empty marker. */
async function removeUnmarked(path: string): Promise<void> {
  const marker = join(path, SCRATCH_MARKER)
  const found = lstatSync(marker, { throwIfNoEntry: false })
  if (found?.isFile() && found.size === 0) await unlink(marker)
  await rmdir(path)
}

/** A folder itself, no link to one, of this user. */
function isOwnFolder(path: string): boolean {
  try {
    const found = lstatSync(path)
    return found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid)
  } catch {
    return false
  }
}

function isLeft(path: string, mark: ProcessMark | undefined): boolean {
  if (!mark) return false
  const gone = isGone(mark)
  if (gone !== undefined) return gone
  const { mtimeMs } = lstatSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY }
  return Date.now() - mtimeMs > FOREIGN_DAYS * 86_400_000
}

function scratchMark(path: string): ProcessMark | undefined {
  try {
    const marker = join(path, SCRATCH_MARKER)
    if (!lstatSync(marker).isFile()) return undefined
    const found = JSON.parse(readFileSync(marker, 'utf8')) as Partial<ProcessMark> | null
    if (typeof found?.pid !== 'number' || typeof found.host !== 'string') return undefined
    return { pid: found.pid, host: found.host, start: found.start }
  } catch {
    return undefined
  }
}

function spillMark(name: string): ProcessMark | undefined {
  const [, host, pid, start] = SPILL.exec(name) ?? []
  return { pid: Number(pid), start: start === '0' ? undefined : start, host: host === HOST ? hostname() : String(host) }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
