import type { Moment } from './plan.js'
import { type Ended, startCli } from './process.js'
import { HomeWatch } from './watch.js'

const RANDOM_MOMENT = 'a random moment'

/** Where a command was killed; undefined where it had ended before. */
export interface Outcome {
  ended: Ended
  killedAt: string | undefined
}

interface Known {
  /** How often each point was passed. */
  points: ReadonlyMap<string, number>
  ms: number
}

interface Target {
  point: string
  turn: number
}

/** Knows which points a command passes, from the times when it was not killed, and counts where it was. */
export class Points {
  readonly hits = new Map<string, number>()
  kills = 0
  endedBefore = 0
  readonly #known = new Map<string, Known>()

  /** Runs a command line to its end, and learns its points. */
  async learn(name: string, home: string, argv: readonly string[], env: Record<string, string>): Promise<Ended> {
    return (await this.#watched(name, home, argv, env)).ended
  }

  /** Runs a command line and kills it, at a point as soon as it is seen. */
  async kill(
    name: string,
    home: string,
    argv: readonly string[],
    env: Record<string, string>,
    when: Moment,
  ): Promise<Outcome> {
    const target = when.kind === 'point' ? this.#target(name, when) : undefined
    const own = this.#known.get(name)?.ms
    const ms = own ?? (this.#known.get('run')?.ms ?? 1500) * when.length
    const outcome = await this.#watched(name, home, argv, env, target ?? when.share * ms)
    if (outcome.killedAt === undefined) {
      this.endedBefore++
      return outcome
    }
    this.kills++
    this.hits.set(outcome.killedAt, (this.hits.get(outcome.killedAt) ?? 0) + 1)
    return outcome
  }

  /** Runs a command line and kills it at the first time of a point. */
  killAt(home: string, argv: readonly string[], env: Record<string, string>, point: string): Promise<Outcome> {
    return this.#watched('killed at a point', home, argv, env, { point, turn: 1 })
  }

  /** Of the points that a command passes one that was hit no more often than most, at its first time rather than later. */
  #target(name: string, { share, turn, length }: Moment): Target | undefined {
    // As long as nobody has seen it end, what takes as long as a run passes for one.
    const known = this.#known.get(name) ?? (length === 1 ? this.#known.get('run') : undefined)
    if (!known) return undefined
    const hits = (point: string): number => this.hits.get(point) ?? 0
    const points = [...known.points.keys()]
    const median = points.map(hits).sort((a, b) => a - b)[Math.floor(points.length / 2)] ?? 0
    const rare = points.filter((point) => hits(point) <= median)
    const point = rare[Math.floor(share * rare.length)]
    if (point === undefined) return undefined
    return { point, turn: 1 + Math.floor(turn ** 2 * (known.points.get(point) ?? 1)) }
  }

  /** How often each point was hit, most often first. */
  table(): [point: string, hits: number][] {
    return [...this.hits].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  }

  /** Points that were seen and at which nothing was killed. */
  missed(): string[] {
    const seen = [...this.#known.values()].flatMap(({ points }) => [...points.keys()])
    return [...new Set(seen)].filter((point) => !this.hits.has(point)).sort()
  }

  async #watched(
    name: string,
    home: string,
    argv: readonly string[],
    env: Record<string, string>,
    kill?: Target | number,
  ): Promise<Outcome> {
    const passed = new Map<string, number>()
    let killedAt: string | undefined
    const stop = (at: string): void => {
      killedAt ??= at
      started.kill()
    }
    const watch = new HomeWatch(home, (point) => {
      if (killedAt !== undefined) return
      const turn = (passed.get(point) ?? 0) + 1
      passed.set(point, turn)
      if (typeof kill === 'object' && kill.point === point && kill.turn === turn) stop(point)
    })
    const started = startCli([...argv, '--home', home], { env })
    const timer = typeof kill === 'number' ? setTimeout(() => stop(RANDOM_MOMENT), kill) : undefined
    const ended = await started.ended
    clearTimeout(timer)
    watch.close()
    if (ended.signal === 'SIGKILL') return { ended, killedAt: ended.hung ? undefined : killedAt }
    // What ended by itself has passed all of its points.
    if (ended.code === 0) this.#known.set(name, { points: passed, ms: ended.ms })
    return { ended, killedAt: undefined }
  }
}
