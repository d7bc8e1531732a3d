import { existsSync, rmSync, statSync } from 'node:fs'
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { differences, look, lookInto, type Seen, same } from '../digest.js'
import { leftovers } from '../leftovers.js'
import { Points } from '../points.js'
import { type Ended, runCli } from '../process.js'
import { Source } from '../source.js'
import { fileCases } from './files.js'
import { judge } from './judge.js'
import { unmount } from './mounts.js'
import type { Case, Damage, Place } from './place.js'
import { surroundingCases } from './surroundings.js'
import type { Row } from './table.js'

export interface DamageOptions {
  only?: RegExp
  lanes?: number
  onRow?: (row: Row) => void
}

export interface DamageSummary {
  rows: Row[]
  /** What could not be tried, and why. */
  skipped: { what: string; why: string }[]
}

/** A hang is told by a process that does nothing for so long; seconds. */
const PATIENCE = 8

/** Damages a loaded home and its surroundings in every way, and looks at what the commands make of it. */
export async function damageAll(options: DamageOptions): Promise<DamageSummary> {
  const root = await mkdtemp(join(tmpdir(), 'rental-etl-damage-'))
  await chmod(root, 0o755)
  const clear = (): void => rmSync(root, { recursive: true, force: true })
  process.on('exit', clear)
  try {
    const harness = await Harness.make(root)
    const cases = (await harness.cases()).filter(({ what }) => options.only?.test(what) ?? true)
    const skipped = cases.flatMap(({ what, cannot }) => (cannot === undefined ? [] : [{ what, why: cannot }]))
    const left = cases.filter(({ cannot }) => cannot === undefined).map((one, at) => ({ one, at }))
    const rows: Row[] = []
    // Ctrl-C ends it after the cases in hand; a second one at once.
    process.on('SIGINT', () => (left.length === 0 ? process.exit(130) : left.splice(0).forEach(skip)))
    const skip = ({ one }: (typeof left)[number]): number =>
      skipped.push({ what: one.what, why: 'it was stopped before' })
    const lane = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        const row = await harness.run(next.one, next.at)
        rows[next.at] = row
        options.onRow?.(row)
      }
    }
    await Promise.all(Array.from({ length: options.lanes ?? 2 }, lane))
    return { rows: rows.flat(), skipped }
  } finally {
    await rm(root, { recursive: true, force: true })
    process.off('exit', clear)
  }
}

interface Expected {
  seen: readonly Seen[]
  /** What `metrics occupancy` shows of each day. */
  rows: readonly string[]
}

class Harness {
  readonly #root: string
  readonly #source: Source
  readonly #base: Place
  readonly #expected: Expected
  readonly #env: Record<string, string>

  private constructor(root: string, source: Source, base: Place, expected: Expected, env: Record<string, string>) {
    this.#root = root
    this.#source = source
    this.#base = base
    this.#expected = expected
    this.#env = env
  }

  /** A home that day 0 was loaded into, and in which the run of day 1 was killed once its extract was whole. */
  static async make(root: string): Promise<Harness> {
    const env = { NODE_COMPILE_CACHE: join(root, 'cache'), XDG_CACHE_HOME: join(root, 'cache') }
    const tmp = join(root, 'tmp')
    await mkdir(tmp)
    // So few bad rows that the blocks of the bookings are listed, and enough that some of them are rejected each day.
    const days = { scale: 0.02, days: 2, seed: 5, dirt: 0.006 }
    const source = await Source.make(root, { ...env, TMPDIR: tmp }, days)
    const rows: string[] = []
    const seen: Seen[] = []
    for (const day of [0, 1, 2]) {
      const home = join(root, `day-${day}`)
      const argv = ['run', '--home', home, ...source.flags(day)]
      await expectOk(await runCli(argv, { env }))
      const { stdout } = await runCli(['metrics', 'occupancy', '--home', home, '--json'], { env })
      rows.push(JSON.stringify(JSON.parse(stdout).result.rows))
      seen.push(await look(home))
      if (day > 0) await rm(home, { recursive: true })
    }
    const home = join(root, 'day-0')
    const [loaded = ''] = await readdir(join(home, 'runs'))
    const killed = await killOne(home, source, env, loaded)
    return new Harness(root, source, { folder: root, home, tmp, loaded, killed }, { seen, rows }, env)
  }

  async cases(): Promise<Case[]> {
    return [...(await surroundingCases(this.#base)), ...fileCases(this.#base)]
  }

  async run(one: Case, at: number): Promise<Row> {
    const folder = join(this.#root, `case-${at}`)
    const place: Place = { ...this.#base, folder, home: join(folder, 'home'), tmp: join(folder, 'tmp') }
    await mkdir(place.tmp, { recursive: true })
    await chmod(place.tmp, 0o1777)
    await cp(this.#base.home, place.home, { recursive: true })
    const row: Row = { what: one.what, answers: [], after: '', problems: [] }
    try {
      const damage = await one.damage(place)
      await this.#commands(one, place, damage, row)
      row.problems.push(...(damage.holds?.() ?? []))
      await damage.undo?.()
      await this.#mend(place, damage, row)
    } catch (error) {
      row.problems.push(`could not be tried to the end: ${this.#hide((error as Error).message, place)}`)
    } finally {
      for (const path of [place.tmp, join(place.home, 'tmp'), place.home, join(folder, 'other')]) unmount(path)
      await rm(folder, { recursive: true, force: true })
    }
    return row
  }

  async #commands(one: Case, place: Place, { options = {} }: Damage, row: Row): Promise<void> {
    const source = this.#source.flags(2)
    const lines: [name: string, argv: string[]][] = [
      ['runs', []],
      ['doctor', source.slice(0, 2)],
      ['metrics occupancy', []],
      ['verify', []],
      ['resume', []],
      ['run', source],
    ]
    let quiet = false
    for (const [command, argv] of lines) {
      const env = { ...this.#env, TMPDIR: place.tmp, ...options.env }
      const words = [...command.split(' '), ...argv, '--home', place.home, '--json']
      const ended = await runCli(words, { ...options, env, patience: PATIENCE })
      const { exit, said, problems, calm, rows } = judge(ended, one.mayDie ?? false, (text) => this.#hide(text, place))
      if (exit === '0') problems.push(...(await this.#wrong(command, place, rows)))
      const denied = said.startsWith('NO_WAREHOUSE') && isFile(join(place.home, 'warehouse.duckdb'))
      if (denied) problems.push('says that there is none')
      if (command === 'verify' && exit === '0' && one.mustBeRed) problems.push('is green')
      row.answers.push({ command, exit, said, problems })
      if (command === 'doctor') quiet = calm
    }
    const exits = new Map(row.answers.map(({ command, exit }) => [command, exit]))
    if (quiet && ['74', '1'].includes(exits.get('run') ?? '') && !options.limit)
      row.problems.push('doctor finds nothing, and run fails')
  }

  /** What a command that is content has got wrong. */
  async #wrong(command: string, place: Place, rows: string | undefined): Promise<string[]> {
    if (command === 'metrics occupancy') return this.#expected.rows.includes(rows ?? '') ? [] : ['wrong numbers']
    const seen = await this.#look(place)
    if (command === 'run' || command === 'resume') {
      const day = this.#expected.seen[command === 'run' ? 2 : 1] as Seen
      if (!seen) return ['left no warehouse that can be read']
      return isWhole(seen, day) ? [] : [`loaded wrong data: ${wrongIn(seen, day)}`]
    }
    return []
  }

  async #mend(place: Place, { aside, undo }: Damage, row: Row): Promise<void> {
    const env = { ...this.#env, TMPDIR: join(place.folder, 'sound') }
    await mkdir(env.TMPDIR)
    const cli = (...words: string[]): Promise<Ended> =>
      runCli([...words, '--home', place.home], { env, patience: PATIENCE })
    const run = ['run', ...this.#source.flags(2)]
    const done = row.answers.at(-1)?.exit === '0'
    row.after = done ? 'run mends it' : 'nothing lost: the next run loads all'
    // Where the surroundings were mended, or the run failed, the next one has to do.
    let ended = done && !undo ? { code: 0 } : await cli(...run)
    if (ended.code !== 0 && aside !== undefined) {
      await rm(aside, { recursive: true, force: true })
      ended = await cli(...run)
      row.after = 'once it is put aside, run mends it'
    }
    if (ended.code !== 0) row.problems.push(`is not mended: run ends with ${ended.code}`)
    let verdict = await cli('verify')
    if (verdict.code !== 0) {
      // What is no file at all cannot be judged: it is 74 until it is gone.
      const first = verdict.code !== 1 && aside !== undefined
      if (first) await rm(aside, { recursive: true, force: true })
      await cli('run', '--full-refresh', ...this.#source.flags(2))
      verdict = await cli('verify')
      row.after = `${first ? 'once it is put aside, ' : ''}verify is red until a full refresh`
    }
    if (verdict.code !== 0) row.problems.push(`is not mended: verify ends with ${verdict.code}`)
    const seen = await this.#look(place)
    const expected = this.#expected.seen[2] as Seen
    if (!seen) row.problems.push('the warehouse cannot be read in the end')
    else if (!isWhole(seen, expected)) row.problems.push(`not equal to the reference: ${wrongIn(seen, expected)}`)
    const left = existsSync(place.home) ? leftovers(place.home) : []
    if (left.length > 0) row.problems.push(`left behind: ${this.#hide(left.join(', '), place)}`)
  }

  /** What a reader sees, by a copy: whatever lies there must not stop the harness. */
  async #look({ home, folder }: Place): Promise<Seen | undefined> {
    const path = join(home, 'warehouse.duckdb')
    if (!isFile(path)) return undefined
    const copy = join(folder, 'look.duckdb')
    try {
      await copyFile(path, copy)
      if (isFile(`${path}.wal`)) await copyFile(`${path}.wal`, `${copy}.wal`)
      return await lookInto(copy)
    } catch {
      return undefined
    } finally {
      await rm(copy, { force: true })
      await rm(`${copy}.wal`, { force: true })
    }
  }

  /** Without what differs from machine to machine and from run to run. */
  #hide(text: string, { home, tmp, folder, loaded, killed }: Place): string {
    return text
      .replaceAll(`${home}/`, '')
      .replaceAll(home, 'HOME')
      .replaceAll(tmp, 'TMPDIR')
      .replaceAll(folder, 'FOLDER')
      .replaceAll(this.#root, 'FOLDER')
      .replaceAll(loaded, 'LOADED')
      .replaceAll(killed, 'KILLED')
      .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{4}/g, 'ID')
      .replaceAll(/rental-etl-\w{6}\b/g, 'rental-etl-N')
      .replaceAll(/PID \d+/g, 'PID N')
      .replaceAll(/\d+(\.\d+)? GB/g, 'N GB')
      .replaceAll(/(?<!\w)\/(tmp|root|home|work)\/\S*/g, 'PATH')
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function isWhole(seen: Seen, expected: Seen): boolean {
  return same(seen.raw, expected.raw) && same(seen.curated, expected.curated)
}

function wrongIn(seen: Seen, expected: Seen): string {
  const found = [...differences(seen.raw, expected.raw), ...differences(seen.curated, expected.curated)]
  return found.map((text) => text.replace(/ \(.*/, '')).join(', ')
}

/** Kills a run between its extract and its load; a machine may be too quick for the kill, and then it is tried again. */
async function killOne(home: string, source: Source, env: Record<string, string>, loaded: string): Promise<string> {
  const points = new Points()
  const copy = `${home}-try`
  const before = await look(home)
  for (let tries = 0; tries < 20; tries++) {
    await cp(home, copy, { recursive: true })
    const { killedAt } = await points.killAt(copy, ['run', ...source.flags(1)], env, 'event layer_started raw')
    const [killed] = (await readdir(join(copy, 'runs'))).filter((name) => name !== loaded)
    if (killedAt !== undefined && killed !== undefined && same((await look(copy)).raw, before.raw)) {
      // What it was just writing would be another damage.
      for (const name of leftovers(copy).filter((left) => left.endsWith('.tmp'))) await rm(join(copy, name))
      await rm(home, { recursive: true })
      await rename(copy, home)
      return killed
    }
    await rm(copy, { recursive: true })
  }
  throw new Error('no run could be killed between its extract and its load')
}

async function expectOk({ code, stdout, stderr }: Ended): Promise<void> {
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}${stdout}`)
}
