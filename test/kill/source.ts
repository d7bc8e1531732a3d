import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { look, type Seen } from './digest.js'
import { runCli } from './process.js'

export interface Day {
  folder: string
  /** The as-of date that goes with it. */
  asOf: string
}

interface Options {
  scale: number
  days: number
  seed: number
  /** The part of the rows that is bad. */
  dirt: number
}

/** A made-up source over some days, and what a home shows that was loaded with one of them alone. */
export class Source {
  readonly #root: string
  readonly #env: Record<string, string>
  readonly #seen = new Map<number, Promise<Seen>>()
  readonly days: readonly Day[]

  private constructor(root: string, env: Record<string, string>, days: readonly Day[]) {
    this.#root = root
    this.#env = env
    this.days = days
  }

  static async make(root: string, env: Record<string, string>, options: Options) {
    const { scale, days, seed, dirt } = options
    const flags = ['--scale', scale, '--days', days, '--seed', seed, '--dirt', dirt, '--json'].map(String)
    const { code, stdout, stderr } = await runCli(['sample', join(root, 'source'), ...flags], { env })
    if (code !== 0) throw new Error(`there is no source: exit ${code}: ${stderr}${stdout}`)
    const { result } = JSON.parse(stdout) as { result: { days: { folder: string; last_day: string }[] } }
    return new Source(
      root,
      env,
      result.days.map((day) => ({ folder: day.folder, asOf: day.last_day })),
    )
  }

  /** The flags by which a run reads a day. */
  flags(day: number): string[] {
    const { folder, asOf } = this.days[day] as Day
    return ['--source', `csv:${folder}`, '--as-of', asOf]
  }

  /** What a reader sees in a home that was never killed: it was loaded once, by a full refresh. */
  expected(day: number): Promise<Seen> {
    const known = this.#seen.get(day) ?? this.#load(day)
    this.#seen.set(day, known)
    return known
  }

  async #load(day: number): Promise<Seen> {
    const home = join(this.#root, `reference-${day}`)
    const { code, stderr } = await runCli(['run', '--full-refresh', '--home', home, ...this.flags(day)], {
      env: this.#env,
    })
    if (code !== 0) throw new Error(`day ${day} cannot be loaded: exit ${code}: ${stderr}`)
    const seen = await look(home)
    await rm(home, { recursive: true })
    return seen
  }
}
