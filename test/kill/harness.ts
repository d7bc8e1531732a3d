import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { betweenLayers, differences, look, lookAgain, type Seen, same } from './digest.js'
import { leftovers, orphans, temporaryLeftovers } from './leftovers.js'
import { type Kill, planStep } from './plan.js'
import { Points } from './points.js'
import { type Ended, runCli } from './process.js'
import { Random } from './random.js'
import { Reader } from './reader.js'
import { Source } from './source.js'

export interface KillOptions {
  runs: number
  seed: number
  /** Only the chain of this step, up to it. */
  step?: number
  lanes?: number
  scale?: number
  days?: number
  /** Told of each failure as it happens. */
  onFailure?: (failure: Failure) => void
  onStep?: () => void
  /** Verify after so many steps of a chain, and at its end; 1. */
  verifyEvery?: number
}

export interface Failure {
  step: number
  /** What was killed, and where. */
  story: string
  problems: string[]
  /** A copy of the home as it was found. */
  kept: string
}

export interface Summary {
  passed: number
  failures: Failure[]
  points: Points
  /** Folders of the homes that are in nobody's way and that nobody removes. */
  orphans: string[]
}

/** A home is killed in so many steps, one after another, before a new one begins: what repeats a step is short. */
const CHAIN = 10

/** Kills commands over and over, and looks at what is left. Everything lies in a folder of its own, which is removed. */
export async function killRuns(options: KillOptions): Promise<Summary> {
  const root = await mkdtemp(join(tmpdir(), 'rental-etl-kill-'))
  const env = {
    TMPDIR: join(root, 'tmp'),
    XDG_CACHE_HOME: join(root, 'cache'),
    NODE_COMPILE_CACHE: join(root, 'cache'),
  }
  await mkdir(env.TMPDIR)
  const { scale = 0.02, days = 5, seed } = options
  const clear = (): void => rmSync(root, { recursive: true, force: true })
  process.on('exit', clear)
  try {
    const source = await Source.make(root, await environment(root, 'source'), { scale, days, seed, dirt: 0.03 })
    const harness = new Harness(root, source, options)
    await harness.run()
    const { passed, failures, points, orphans } = harness
    return { passed, failures, points, orphans }
  } finally {
    await rm(root, { recursive: true, force: true })
    process.off('exit', clear)
  }
}

class Harness {
  readonly points = new Points()
  readonly failures: Failure[] = []
  passed = 0
  readonly orphans: string[] = []
  readonly #root: string
  readonly #source: Source
  readonly #options: KillOptions

  constructor(root: string, source: Source, options: KillOptions) {
    this.#root = root
    this.#source = source
    this.#options = options
  }

  async run(): Promise<void> {
    const { runs, step, lanes = 2 } = this.#options
    const wanted = step === undefined ? undefined : Math.floor((step - 1) / CHAIN)
    const chains = Array.from({ length: Math.ceil(runs / CHAIN) }, (_, at) => at)
    const left = wanted === undefined ? chains : [wanted]
    await this.#learn()
    const lane = async (): Promise<void> => {
      for (let chain = left.shift(); chain !== undefined; chain = left.shift()) {
        await this.#chain(chain, Math.min(CHAIN, (step ?? runs) - chain * CHAIN))
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }

  /** Which points a run passes, and how long it takes. */
  async #learn(): Promise<void> {
    const home = join(this.#root, 'learn')
    await mkdir(home)
    const env = await environment(this.#root, 'learn')
    // The first one makes every folder, which no other will do: what is learned is the way of the second.
    for (const day of [0, 1]) {
      const { code, stderr } = await this.points.learn('run', home, ['run', ...this.#source.flags(day)], env)
      if (code !== 0) throw new Error(`a run that nobody kills fails: exit ${code}: ${stderr}`)
    }
    await rm(home, { recursive: true })
  }

  async #chain(chain: number, steps: number): Promise<void> {
    const name = `chain-${chain}`
    const home = join(this.#root, name)
    await mkdir(home)
    const env = await environment(this.#root, name)
    const random = new Random(this.#options.seed, chain)
    let day = 0
    for (let at = 0; at < steps; at++) {
      const number = chain * CHAIN + at + 1
      const step = planStep(random, this.#source, day)
      day = step.day
      const story: string[] = []
      const { verifyEvery = 1 } = this.#options
      const verify = (at + 1) % verifyEvery === 0 || at === steps - 1
      const problems = await this.#step(step.kills, day, { home, env, story, verify })
      if (at === steps - 1) problems.push(...(await this.#stillRunning(home, env)))
      this.#options.onStep?.()
      if (problems.length === 0) {
        this.passed++
        continue
      }
      const kept = join(tmpdir(), `rental-etl-kill-seed-${this.#options.seed}-step-${number}`)
      await cp(home, kept, { recursive: true, force: true })
      const failure = { step: number, story: story.join(', then '), problems, kept }
      this.failures.push(failure)
      this.#options.onFailure?.(failure)
      // What one step has broken must not fail the next ones, too.
      await rm(home, { recursive: true })
      await rm(env.TMPDIR, { recursive: true })
      await mkdir(home)
      await mkdir(env.TMPDIR)
    }
    this.orphans.push(...orphans(home))
    await rm(home, { recursive: true })
  }

  /** Runs of a dead process are not going on. */
  async #stillRunning(home: string, env: Environment): Promise<string[]> {
    const { code, stdout } = await runCli(['runs', '--status', 'running', '--home', home, '--json'], { env })
    if (code !== 0) return [`runs ended with ${code}`]
    const { result } = JSON.parse(stdout) as { result: { rows: { run_id: string }[] } }
    return result.rows.map(({ run_id }) => `run ${run_id} is said to be going on`)
  }

  async #step(kills: readonly Kill[], day: number, place: Place): Promise<string[]> {
    const problems: string[] = []
    for (const kill of kills) problems.push(...(await this.#kill(kill, place)))
    problems.push(...(await this.#recover(day, place)))
    return problems
  }

  async #kill(kill: Kill, { home, env, story }: Place): Promise<string[]> {
    const before = await lookAgain(home)
    const twin = `${home}-twin`
    if (kill.after === 'copy') await cp(home, twin, { recursive: true })
    try {
      const reader = kill.read ? new Reader(home) : undefined
      const { ended, killedAt } = await this.points.kill(kill.name, home, kill.argv, env, kill.when)
      await reader?.stop()
      story.push(`${kill.name} ${killedAt === undefined ? `ended with ${ended.code}` : `killed at ${killedAt}`}`)
      if (ended.hung) return [`${kill.name} hangs`]
      if (killedAt === undefined && ended.signal !== null) return [`${kill.name} dies by ${ended.signal}`]
      // Alone in its home, a command that was not killed ends well, or finds nothing to do.
      const problems =
        killedAt === undefined && ![0, 1, 66].includes(ended.code ?? 0)
          ? [`${kill.name} ended with ${ended.code}: ${lastWords(ended)}`]
          : []
      problems.push(...(reader?.problems ?? []))
      const all = [...(reader?.seen ?? []), await lookAgain(home)]
      const news = all.filter((seen) => !same(seen.raw, before.raw) || !same(seen.curated, before.curated))
      if (news.length === 0) return problems
      const after = await this.#after(kill, before, twin, env)
      return [...problems, ...news.flatMap((seen) => betweenLayers(seen, before, after))]
    } finally {
      await rm(twin, { recursive: true, force: true })
    }
  }

  /** What a command would have done that was killed. */
  async #after({ after, argv }: Kill, before: Seen, twin: string, env: Environment): Promise<Seen> {
    if (after === 'same') return before
    if (after !== 'copy') return this.#source.expected(after.day)
    await runCli([...argv, '--home', twin], { env })
    return look(twin)
  }

  /** The run after the kill, and everything that must hold then. */
  async #recover(day: number, { home, env, story, verify }: Place): Promise<string[]> {
    const source = this.#source
    const run = await runCli(['run', ...source.flags(day), '--home', home], { env })
    story.push(`run of day ${day}`)
    if (run.code !== 0) return [`the next run ended with ${run.code}: ${lastWords(run)}`]
    const problems = wrongAtEnd(await lookAgain(home), await source.expected(day))
    if (verify) {
      const verdict = await runCli(['verify', '--home', home], { env })
      if (verdict.code !== 0) problems.push(`verify ended with ${verdict.code}: ${lastWords(verdict)}`)
    }
    const left = [...leftovers(home), ...temporaryLeftovers(env.TMPDIR)]
    if (left.length > 0) problems.push(`left behind: ${left.join('; ')}`)
    return problems
  }
}

interface Environment extends Record<string, string> {
  TMPDIR: string
}

/** A folder for temporary files of its own, so that what is left there is known by whom. */
async function environment(root: string, name: string): Promise<Environment> {
  const TMPDIR = join(root, `tmp-${name}`)
  await mkdir(TMPDIR)
  const cache = join(root, 'cache')
  return { TMPDIR, XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: cache }
}

interface Place {
  home: string
  env: Environment
  story: string[]
  verify: boolean
}

function wrongAtEnd(seen: Seen, expected: Seen): string[] {
  return (['raw', 'curated', 'pending'] as const).flatMap((layer) =>
    differences(seen[layer], expected[layer]).map((text) => `${layer} is not that of a home never killed: ${text}`),
  )
}

function lastWords({ stdout, stderr, hung }: Ended): string {
  if (hung) return 'it hung'
  return `${stdout}\n${stderr}`.trim().split('\n').slice(-4).join(' | ')
}
