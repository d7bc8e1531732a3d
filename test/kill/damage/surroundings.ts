import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  rmSync,
  statfsSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { runCli, type StartOptions } from '../process.js'
import { cannotMount, fill, mount, remount } from './mounts.js'
import { type Case, type Damage, giveTo, NOBODY, type Place, refill } from './place.js'

const ROOMY = 400_000

/** File systems that are full, read-only, or several; homes of another user; limits; folders that are not there. */
export async function surroundingCases(base: Place): Promise<Case[]> {
  const mounts = cannotMount(base.folder)
  const user = process.getuid?.() === 0 ? undefined : 'only root can run a command as another user'
  const cannot = (reason: string | undefined, cases: Case[]): Case[] =>
    reason === undefined ? cases : cases.map((one) => ({ ...one, cannot: reason }))
  return [
    ...cannot(mounts, [...fullCases(base), ...mountCases(base)]),
    ...cannot(user, ownerCases()),
    ...(await limitCases(user)),
    ...folderCases(),
  ]
}

/** Fills the file system of a folder but for so many kilobytes. */
function leave(folder: string, kilobytes: number): () => void {
  const filler = fill(folder)
  const { bsize, blocks } = statfsSync(folder)
  truncateSync(filler, Math.max(0, Number(lstatSync(filler).size) - Math.min(kilobytes * 1024, bsize * blocks)))
  return () => rmSync(filler, { force: true })
}

function fullCases(base: Place): Case[] {
  const home = [0, 64, 512, 2048, 4096, 8192, 16_384].map(
    (kilobytes): Case => ({
      what: `the disk of the home has ${kilobytes} KiB left`,
      damage: async (place) => {
        mount(place.home, ROOMY)
        await refill(place, base.home)
        return { undo: leave(place.home, kilobytes) }
      },
    }),
  )
  const temporary = [0, 64, 1024].map(
    (kilobytes): Case => ({
      what: `the disk of TMPDIR has ${kilobytes} KiB left`,
      damage: (place) => {
        mount(place.tmp, 4096)
        return { undo: leave(place.tmp, kilobytes) }
      },
    }),
  )
  const scratch = [0, 256].map(
    (kilobytes): Case => ({
      what: `the disk of \`tmp/\` has ${kilobytes} KiB left`,
      damage: (place) => {
        mkdirSync(join(place.home, 'tmp'), { recursive: true })
        mount(join(place.home, 'tmp'), 4096)
        return { undo: leave(join(place.home, 'tmp'), kilobytes) }
      },
    }),
  )
  return [...home, ...temporary, ...scratch]
}

function mountCases(base: Place): Case[] {
  const elsewhere = (path: string): Case => ({
    what: path === '.' ? 'the home is a link to another file system' : `\`${path}\` is a link to another file system`,
    damage: (place) => {
      const other = join(place.folder, 'other')
      mkdirSync(other)
      mount(other, ROOMY)
      const from = path === '.' ? place.home : join(place.home, path)
      const to = join(other, 'moved')
      if (existsSync(from)) cpSync(from, to, { recursive: true })
      else mkdirSync(to)
      rmSync(from, { recursive: true, force: true })
      symlinkSync(to, from)
      return { holds: () => (lstatSync(from).isSymbolicLink() ? [] : [`the link ${path} was replaced`]) }
    },
  })
  return [
    ...['data', 'tmp', 'runs', 'warehouse.duckdb', '.'].map(elsewhere),
    {
      what: 'the file system of the home is read-only',
      damage: async (place) => {
        mount(place.home, ROOMY)
        await refill(place, base.home)
        remount(place.home, 'ro')
        return { undo: () => remount(place.home, 'rw') }
      },
    },
    {
      what: 'the file system of TMPDIR is read-only',
      damage: (place) => {
        mount(place.tmp, 4096)
        remount(place.tmp, 'ro')
        return {}
      },
    },
  ]
}

/** Commands are typed by a user who is not root. */
function ownerCases(): Case[] {
  const asNobody = (what: string, change: (place: Place) => void, after?: (place: Place) => void): Case => ({
    what,
    damage: (place) => {
      giveTo(NOBODY, place.tmp)
      change(place)
      return { options: { uid: NOBODY }, undo: () => after?.(place) }
    },
  })
  return [
    asNobody('the home is of another user, and may be read', () => undefined),
    asNobody(
      'the home is of another user, and may not be entered',
      ({ home }) => chmodSync(home, 0o700),
      ({ home }) => chmodSync(home, 0o755),
    ),
    asNobody(
      'the home may not be written by its owner',
      ({ home }) => {
        giveTo(NOBODY, home)
        execFileSync('chmod', ['-R', 'a-w', home])
      },
      ({ home }) => execFileSync('chmod', ['-R', 'u+w', home]),
    ),
    ...['run.lock.duckdb', 'warehouse.duckdb', 'runs', 'data', 'tmp'].map((path) =>
      asNobody(`\`${path}\` is of another user: one run was done by root`, ({ home }) => {
        giveTo(NOBODY, home)
        mkdirSync(join(home, 'tmp'), { recursive: true })
        giveTo(0, join(home, path))
        execFileSync('chmod', ['-R', 'go-w', join(home, path)])
      }),
    ),
    asNobody(
      '`warehouse.duckdb` may not be read',
      ({ home }) => {
        giveTo(NOBODY, home)
        chmodSync(join(home, 'warehouse.duckdb'), 0o000)
      },
      ({ home }) => chmodSync(join(home, 'warehouse.duckdb'), 0o644),
    ),
    asNobody('TMPDIR may not be written', ({ home, tmp }) => {
      giveTo(NOBODY, home)
      giveTo(0, tmp)
      chmodSync(tmp, 0o755)
    }),
  ]
}

/** Of each limit the few smallest that let the tool say its version: below, not even Node starts. */
async function limitCases(user: string | undefined): Promise<Case[]> {
  const from = (start: number, step: number, n: number): number[] =>
    Array.from({ length: n }, (_, at) => start + at * step)
  const memory = await smallest(from(600_000, 200_000, 40), (n) => ({ limit: `-v ${n}` }))
  const open = await smallest(from(12, 4, 30), (n) => ({ limit: `-n ${n}` }))
  // Threads are counted by user: these must not meet those of the other cases, nor each other.
  const asNobody = (n: number): StartOptions => ({ limit: `-u ${n}`, uid: NOBODY + n })
  const threads = user === undefined ? await smallest(from(4, 2, 20), asNobody) : 0
  const more = 'more than Node needs to start'
  return [
    ...[0, 16, 256, 1024, 4096].map((n) => limited(`\`ulimit -f ${n}\``, { limit: `-f ${n}` })),
    ...[0, 200, 400, 800, 1600].map((n) => ({
      ...limited(`\`ulimit -v\` ${n} MB ${more}`, { limit: `-v ${memory + n * 1000}` }),
      mayDie: true,
    })),
    ...[0, 4, 8, 16].map((n) => limited(`\`ulimit -n\` ${n} files ${more}`, { limit: `-n ${open + n}` })),
    ...[0, 2, 4, 8].map((n) => ({
      ...limited(`\`ulimit -u\` ${n} threads ${more}`, asNobody(threads + n)),
      mayDie: true,
      ...(user === undefined ? {} : { cannot: user }),
    })),
  ]
}

function limited(what: string, options: StartOptions): Case {
  return {
    what,
    damage: (place): Damage => {
      if (options.uid !== undefined) giveTo(options.uid, place.home, place.tmp)
      return { options }
    },
  }
}

/** The first value with which `--version` works. */
async function smallest(values: readonly number[], options: (n: number) => StartOptions): Promise<number> {
  for (const n of values) if ((await runCli(['--version'], { ...options(n), patience: 10 })).code === 0) return n
  throw new Error(`--version never works with ${JSON.stringify(options(values.at(-1) ?? 0))}`)
}

function folderCases(): Case[] {
  return [
    {
      what: 'TMPDIR is missing',
      damage: ({ tmp }) => {
        rmSync(tmp, { recursive: true })
        return {}
      },
    },
    {
      what: 'TMPDIR is a file',
      damage: ({ tmp }) => {
        rmSync(tmp, { recursive: true })
        writeFileSync(tmp, '')
        return {}
      },
    },
    {
      what: 'the working directory was removed',
      damage: ({ folder }) => ({ options: { removed: join(folder, 'gone') } }),
    },
    { what: 'HOME is a folder that is not there', damage: () => ({ options: { env: { HOME: '/nowhere/at/all' } } }) },
    {
      what: 'a folder of somebody else stands in `tmp/`',
      damage: ({ home }) => {
        const theirs = join(home, 'tmp', 'important')
        mkdirSync(theirs, { recursive: true })
        writeFileSync(join(theirs, 'letter.txt'), 'keep me')
        return {
          holds: () => (existsSync(join(theirs, 'letter.txt')) ? [] : ['what others put into tmp/ was removed']),
        }
      },
    },
  ]
}
