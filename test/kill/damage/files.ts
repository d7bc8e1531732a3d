import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Case, Place } from './place.js'

/** What can become of a file. */
const KINDS: Record<string, (path: string, bytes: number) => void> = {
  'is missing': () => undefined,
  'is empty': (path) => writeFileSync(path, ''),
  'is cut in half': () => undefined,
  'holds garbage': (path, bytes) => writeFileSync(path, randomBytes(Math.max(bytes, 64))),
  'is a folder': (path) => mkdirSync(path),
  'is a FIFO': (path) => execFileSync('mkfifo', [path]),
  'is a link to nowhere': (path) => execFileSync('ln', ['-s', '/nowhere/at/all', path]),
}

/** Files that are there for a moment only, or that another program leaves. */
const PASSING = ['warehouse.duckdb.wal', 'warehouse.next.duckdb', 'run.lock.json', 'notices.jsonl']
const OF_LAKE = /^data\/((raw|rejected)\/bookings\/.*part-0|blocks\/bookings\/)/

/** Every file of a home, damaged in every way, one at a time; of the lake one file stands for all. */
export function fileCases(base: Place): Case[] {
  const there = readdirSync(base.home, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(base.home, path)).isFile())
    // What a killed run left in scratch space is no file of the home.
    .filter((path) => !path.startsWith('tmp/') && (!path.startsWith('data/') || OF_LAKE.test(path)))
    .map((path) => path.replaceAll(base.loaded, 'LOADED').replaceAll(base.killed, 'KILLED'))
  const absent = PASSING.filter((path) => !there.includes(path))
  return [
    ...there.sort().flatMap((path) => casesOf(path, Object.keys(KINDS), true)),
    ...absent.flatMap((path) =>
      casesOf(
        path,
        Object.keys(KINDS).filter((kind) => kind !== 'is missing' && kind !== 'is cut in half'),
        false,
      ),
    ),
    foreignLog(),
    ...folderCases(),
  ]
}

/** Another program had the warehouse open, and was killed before its changes were in the file itself. */
function foreignLog(): Case {
  return {
    what: 'a database tool was killed and left `warehouse.duckdb.wal`',
    damage: async ({ home }) => {
      const path = join(home, 'warehouse.duckdb')
      const instance = await DuckDBInstance.create(path)
      const connection = await instance.connect()
      await connection.run('pragma disable_checkpoint_on_shutdown')
      await connection.run('delete from raw_data.stg_bookings where booking_id % 2 = 0')
      connection.closeSync()
      instance.closeSync()
      if (!existsSync(`${path}.wal`)) throw new Error('the engine left no log')
      return { aside: `${path}.wal` }
    },
  }
}

function casesOf(path: string, kinds: readonly string[], there: boolean): Case[] {
  return kinds.map((kind) => ({
    what: `\`${path}\` ${kind}`,
    // What raw was loaded from must be as it was: this is what verify is for.
    mustBeRed: /LOADED/.test(path) && /^data\/|manifest\.json$/.test(path),
    damage: (place) => {
      const full = realPath(place, path)
      mkdirSync(dirname(full), { recursive: true })
      const bytes = there ? statSync(full).size : 0
      if (kind === 'is cut in half') truncateSync(full, Math.floor(bytes / 2))
      else rmSync(full, { force: true })
      KINDS[kind]?.(full, bytes)
      return { aside: full }
    },
  }))
}

/** A folder of the home that is gone, or is something else. */
function folderCases(): Case[] {
  const kinds = ['is missing', 'is empty', 'is a FIFO', 'is a link to nowhere']
  return ['runs', 'runs/LOADED', 'runs/KILLED', 'data', 'tmp', '.'].flatMap((path) =>
    kinds.map((kind) => ({
      what: path === '.' ? `the home ${kind}` : `\`${path}/\` ${kind}`,
      mustBeRed: path === 'data' || path === 'runs' || path === 'runs/LOADED',
      damage: (place: Place) => {
        const full = realPath(place, path)
        rmSync(full, { recursive: true, force: true })
        if (kind === 'is empty') mkdirSync(full)
        else KINDS[kind]?.(full, 0)
        return { aside: full }
      },
    })),
  )
}

function realPath({ home, loaded, killed }: Place, path: string): string {
  return path === '.' ? home : join(home, path.replaceAll('LOADED', loaded).replaceAll('KILLED', killed))
}
