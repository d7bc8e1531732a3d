import { setTimeout as sleep } from 'node:timers/promises'
import { look, type Seen } from './digest.js'

const PAUSE_MS = 200

/** Somebody who looks at the warehouse over and over while a command works. */
export class Reader {
  /** What was seen, each state once. */
  readonly seen: Seen[] = []
  readonly problems: string[] = []
  readonly #home: string
  readonly #done: Promise<void>
  #stopped = false

  constructor(home: string) {
    this.#home = home
    this.#done = this.#read()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
  }

  async #read(): Promise<void> {
    const known = new Set<string>()
    while (!this.#stopped) {
      try {
        const seen = await look(this.#home)
        const text = JSON.stringify(seen)
        if (!known.has(text)) this.seen.push(seen)
        known.add(text)
      } catch (error) {
        this.problems.push(`a reader is refused: ${(error as Error).message.split('\n')[0]}`)
        return
      }
      await sleep(PAUSE_MS)
    }
  }
}
