import type { Stats } from 'node:fs'
import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EtlError } from '../../core/errors.js'
import { SOURCE_TABLES } from '../../core/model.js'
import { shellWord } from '../../core/words/shell-word.js'
import { readError } from '../files/io-errors.js'
import { finalPlace } from './home/files.js'
import { homePaths } from './home/paths.js'

type Kind = 'folder' | 'file' | 'passing'

/** What a run needs in a home. */
function placesOf(home: string): [path: string, kind: Kind][] {
  const paths = homePaths(home)
  const tables = SOURCE_TABLES.flatMap(({ name }) => [paths.lake(name, '_'), paths.rejected(name, '_')]).map((key) =>
    join(home, dirname(key)),
  )
  const lake = tables.flatMap((path) => [dirname(dirname(path)), dirname(path), path])
  const folders = [...new Set([dirname(paths.run('_')), paths.work, ...lake])]
  // These are read, or written to where they are.
  const files = [paths.warehouse, ...['run.lock.duckdb', 'runs.jsonl', 'notices.jsonl'].map((name) => join(home, name))]
  // A run removes these, or puts another file in their place: anything that is no folder may lie there.
  const passing = [join(home, 'run.lock.json'), paths.next, `${paths.next}.wal`]
  const of = (kind: Kind, all: string[]) => all.map((path): [string, Kind] => [path, kind])
  return [...of('folder', folders), ...of('file', files), ...of('passing', passing)]
}

const RUN_FILES = ['request.json', 'events.jsonl', 'run.json', 'manifest.json']

interface Misplaced {
  path: string
  what: string
  mend: string
}

/**
 * Makes sure that of what a run needs in its home each thing that is there is what it has to be, the home and the folders
 * above it, too: a link may lead to nowhere once a disk is gone. What is not there a run makes.
 * @throws EtlError IO with all that is found
 */
export async function assertPlaces(home: string): Promise<void> {
  const found: Misplaced[] = []
  const above = await inTheWay(home)
  if (above) found.push(above)
  else
    for (const [path, kind] of [...placesOf(home), ...(await placesOfRuns(join(home, 'runs')))])
      found.push(...(await lookAt(path, kind)))
  const [first] = found
  if (!first) return
  throw new EtlError(firstOf(found.map(({ path, what }) => `${path} ${what}`)), {
    code: 'IO',
    suggestions: [first.mend],
  })
}

/** Some of many, and how many more there are. */
export function firstOf(texts: readonly string[]): string {
  const more = texts.length > 3 ? ` and ${texts.length - 3} more` : ''
  return texts.slice(0, 3).join(', ') + more
}

/** The first of the home and the folders above it that is something else. */
async function inTheWay(home: string): Promise<Misplaced | undefined> {
  for (let at = home; ; at = dirname(at)) {
    const [found] = await lookAt(at, 'folder')
    if (found || dirname(at) === at || (await entry(at))) return found
  }
}

async function lookAt(path: string, kind: Kind): Promise<Misplaced[]> {
  const itself = await entry(path)
  if (!itself) return []
  const away = `mv ${shellWord(path)} ${shellWord(`${path}.aside`)}   # out of the way`
  if (kind === 'passing') return itself.isDirectory() ? [{ path, what: 'is a folder', mend: away }] : []
  const there = await stat(path).catch(() => undefined)
  if (!there) return (await isPrepared(path, kind)) ? [] : [await toNowhere(path)]
  if (kind === 'folder') return there.isDirectory() ? [] : [{ path, what: 'is no folder', mend: away }]
  return there.isFile() ? [] : [{ path, what: 'is no regular file', mend: away }]
}

/** A file that is not there yet is made where its link leads to, if there is a folder for it. */
async function isPrepared(path: string, kind: Kind): Promise<boolean> {
  if (kind === 'folder') return false
  const folder = await finalPlace(path)
    .then((place) => stat(dirname(place)))
    .catch(() => undefined)
  return folder?.isDirectory() ?? false
}

async function toNowhere(path: string): Promise<Misplaced> {
  const target = await readlink(path)
  return {
    path,
    what: `is a link to nowhere (${target})`,
    mend: `rm ${shellWord(path)}   # the link; or bring back what it leads to`,
  }
}

/** The folder of each run, and what is read of it or added to it. */
async function placesOfRuns(runs: string): Promise<[path: string, kind: Kind][]> {
  const names = (await readdir(runs).catch(() => [])).filter((name) => !name.startsWith('.')).sort()
  return names.flatMap((name): [string, Kind][] => [
    [join(runs, name), 'folder'],
    ...RUN_FILES.map((file): [string, Kind] => [join(runs, name, file), 'file']),
  ])
}

/** What lies there itself, be it a link. @throws EtlError IO where one may not look */
async function entry(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw readError(error, path)
  })
}
