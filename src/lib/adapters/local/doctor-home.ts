import { constants, type Dirent } from 'node:fs'
import { access, readdir, stat, statfs } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { EtlError } from '../../core/errors.js'
import { shellWord } from '../../core/words/shell-word.js'
import type { Probe } from '../../ports/doctor.js'
import { type Outcome, ok } from '../doctor/probe.js'
import { assertPlaces, firstOf } from './doctor-places.js'
import { isHome, strangers } from './home/claim.js'
import { finalPlace } from './home/files.js'
import { homePaths } from './home/paths.js'

const LOW_DISK_BYTES = 1_000_000_000
const LOW_MEMORY_BYTES = 1_000_000_000
const FEW_FILES = 256

/** Whether a run can have its home here: each folder and file that it will write is looked at. */
export async function homeProbe(home: string): Promise<Outcome> {
  await assertPlaces(home)
  const there = await nearestFolder(home)
  if (there !== home) {
    await assertWritable(there)
    return ok(`${home} is made by the first run`)
  }
  const others = (await isHome(home)) ? [] : await strangers(home)
  if (others.length > 0) {
    throw new EtlError(`${home} is no home, and holds other things: ${others.slice(0, 3).join(', ')}`, {
      code: 'USAGE',
      suggestions: [`rental-etl run --home ${shellWord(join(home, '.rental-etl'))}`],
    })
  }
  await assertWritable(home)
  const alien = await unusable(home)
  if (alien.length > 0) throw notOurs(home, alien)
  const owner = (await stat(home)).uid
  if (process.getuid?.() === 0 && owner !== 0) {
    const message = `${home} belongs to user ${owner}, and this is root: what root writes, that user cannot change`
    return { status: 'warn', message, mend: `sudo -u '#${owner}' rental-etl doctor` }
  }
  return ok(`${home} can be written`)
}

/** Free space where a run writes: one probe for each file system, named after what lies there. */
export async function diskProbes(home: string): Promise<Probe[]> {
  const paths = homePaths(home)
  // Links that go round in a circle are told by the probe of the home.
  const warehouse = await finalPlace(paths.warehouse).catch(() => paths.warehouse)
  const places: [name: string, path: string, what: string][] = [
    ['disk', home, 'a run keeps a second copy of the warehouse while it works'],
    ['disk warehouse', dirname(warehouse), 'a second copy of the warehouse while a run works'],
    ['disk data', join(home, 'data'), 'the lake grows with each run'],
    ['disk tmp', paths.work, 'what does not fit in memory is written here'],
    ['disk system tmp', tmpdir(), 'doctor, dry runs and checks of the source work here'],
  ]
  const probes: Probe[] = []
  const seen = new Set<number>()
  for (const [name, path, what] of places) {
    const folder = await nearestFolder(path)
    const { dev } = await stat(folder)
    if (seen.has(dev)) continue
    seen.add(dev)
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    const text = `${(free / 1e9).toFixed(1)} GB are free${name === 'disk' ? '' : ` in ${folder}`}; ${what}`
    probes.push(
      free >= LOW_DISK_BYTES
        ? { name, ...ok(text) }
        : { name, status: 'warn', message: text, mend: `df -h ${shellWord(folder)}   # free some space` },
    )
  }
  return probes
}

interface Limits {
  soft?: number | 'unlimited'
}

/** What this process may have of memory, open files and file size. */
export async function limitsProbe(): Promise<Outcome> {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  const limits = userLimits()
  const soft = (name: string): number => {
    const value = limits[name]?.soft
    return typeof value === 'number' ? value : Number.POSITIVE_INFINITY
  }
  const tight = [
    memory < LOW_MEMORY_BYTES ? `${Math.round(memory / 1e6)} MB of memory` : '',
    soft('virtual_memory_kbytes') < 8_000_000 ? `${soft('virtual_memory_kbytes')} kB of address space (ulimit -v)` : '',
    soft('file_size_blocks') < 10_000_000 ? `${soft('file_size_blocks')} blocks for a file (ulimit -f)` : '',
    soft('open_files') < FEW_FILES ? `${soft('open_files')} open files (ulimit -n)` : '',
  ].filter((text) => text !== '')
  if (tight.length === 0) return ok(`${(memory / 1e9).toFixed(1)} GB of memory, and no limit that hinders a run`)
  return {
    status: 'warn',
    message: `a run may have only ${tight.join(', ')}`,
    mend: 'ulimit -a   # the limits of this shell',
  }
}

function userLimits(): Record<string, Limits | undefined> {
  const { report } = process
  if (!report) return {}
  // Otherwise it asks for the name of each address.
  Object.assign(report, { excludeNetwork: true })
  return (report.getReport() as { userLimits?: Record<string, Limits> }).userLimits ?? {}
}

/** Files that a run writes to where they are; all others it puts in their place by renaming. */
const WRITTEN_IN_PLACE = ['run.lock.duckdb', 'runs.jsonl', 'notices.jsonl']

/** What a run needs of a home and this user may not use, with its owner's number; what is a single run's is its own. */
async function unusable(home: string): Promise<{ path: string; uid: number }[]> {
  const found: { path: string; uid: number }[] = []
  const look = async (path: string, entries: readonly Dirent[]): Promise<void> => {
    for (const { name } of entries) {
      const child = join(path, name)
      const there = await stat(child).catch(() => undefined)
      if (!there || name.startsWith('run_id=')) continue
      const folder = there.isDirectory()
      const writes = folder || WRITTEN_IN_PLACE.includes(name)
      const mode = constants.R_OK | (writes ? constants.W_OK : 0) | (folder ? constants.X_OK : 0)
      const may = await access(child, mode).then(
        () => true,
        () => false,
      )
      if (!may) found.push({ path: child, uid: there.uid })
      else if (folder && name !== 'runs') await look(child, await readdir(child, { withFileTypes: true }))
    }
  }
  await look(home, await readdir(home, { withFileTypes: true }))
  return found
}

function notOurs(home: string, alien: readonly { path: string; uid: number }[]): EtlError {
  const named = firstOf(alien.map(({ path, uid }) => `${path} (of user ${uid})`))
  return new EtlError(`this user may not use ${named}: was a run done with sudo?`, {
    code: 'IO',
    suggestions: [`sudo chown -R "$(id -u)" ${shellWord(home)}`],
  })
}

async function assertWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK | constants.X_OK).catch(() => {
    throw new EtlError(`${folder} cannot be written`, {
      code: 'IO',
      suggestions: [`ls -ld ${shellWord(folder)}   # whose it is`],
    })
  })
}

/** The folder, or the nearest one above it that is there. */
async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found?.isDirectory() || dirname(at) === at) return at
  }
}
