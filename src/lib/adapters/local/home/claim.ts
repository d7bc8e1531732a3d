import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { writeError } from '../../files/io-errors.js'
import { makeFolder } from '../../files/make-folder.js'
import { exists, readJson, writeAtomic } from './files.js'

/** What says that a folder is a home. */
export const HOME_MARKER = '.rental-etl-home.json'
const VERSION = 1

/**
 * Makes a folder a home, or knows it as one: by its marker, or by what version 0.1.0 left, which made none. A folder with
 * anything else in it is not taken: nobody wants lake, warehouse and runs among other things.
 * @throws EtlError USAGE for such a folder, WAREHOUSE_VERSION, IO
 */
export async function claimHome(home: string): Promise<void> {
  const marker = join(home, HOME_MARKER)
  try {
    await makeFolder(home)
    if (await exists(marker)) return assertVersion(home, await readJson<{ version?: number }>(marker).catch(() => ({})))
    const others = await strangers(home)
    if (others.length > 0 && !(await isFirstForm(home))) throw notAHome(home, others)
    await writeAtomic(marker, `${JSON.stringify({ version: VERSION })}\n`)
  } catch (error) {
    const told = writeError(error, home)
    if (!(told instanceof EtlError) || told.code !== 'IO') throw told
    throw new EtlError(told.message, {
      code: 'IO',
      suggestions: [...told.suggestions, 'rental-etl run --home DIR   # a folder that can be written'],
      cause: error,
    })
  }
}

/** What a folder holds that no home would be begun with; empty for a new home. */
export async function strangers(home: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir(home)) if (!(await isPrepared(home, name))) found.push(name)
  return found.sort()
}

/** True for a folder that is a home already, with or without a marker. */
export async function isHome(home: string): Promise<boolean> {
  return (await exists(join(home, HOME_MARKER))) || isFirstForm(home)
}

/** What may be in a folder before the first run: a disk's own folder, what cron and a bug write, places on another disk. */
async function isPrepared(home: string, name: string): Promise<boolean> {
  if (['lost+found', 'cron.log', 'reports'].includes(name) || name.startsWith(HOME_MARKER)) return true
  if (!['data', 'tmp', 'warehouse.duckdb'].includes(name)) return false
  const found = await lstat(join(home, name))
  if (found.isSymbolicLink()) return true
  return found.isDirectory() && (await readdir(join(home, name))).length === 0
}

/** A home of version 0.1.0 has its lock from the first moment; a warehouse or runs alone were put back. */
async function isFirstForm(home: string): Promise<boolean> {
  const runs = await readdir(join(home, 'runs')).catch(() => [])
  const signs = ['run.lock.duckdb', 'warehouse.duckdb', ...runs.map((run) => join('runs', run, 'request.json'))]
  for (const name of signs) {
    const found = await lstat(join(home, name)).catch(() => undefined)
    if (found?.isFile()) return true
  }
  return false
}

function assertVersion(home: string, { version = VERSION }: { version?: number }): void {
  if (version <= VERSION) return
  throw new EtlError(`${home} is a home of version ${version}, this tool knows ${VERSION}`, {
    code: 'WAREHOUSE_VERSION',
    suggestions: ['rental-etl --version', 'rental-etl run --home DIR   # another home'],
  })
}

function notAHome(home: string, others: readonly string[]): EtlError {
  const named = others.slice(0, 3).join(', ') + (others.length > 3 ? `, … (${others.length} in all)` : '')
  const marker = shellWord(join(home, HOME_MARKER))
  return new EtlError(
    `${home} is no home of this tool, and holds other things: ${named}; a home is a folder of its own`,
    {
      code: 'USAGE',
      suggestions: [
        `rental-etl run --home ${shellWord(join(home, '.rental-etl'))}`,
        `echo '{"version":${VERSION}}' > ${marker}   # takes it all the same`,
      ],
    },
  )
}
