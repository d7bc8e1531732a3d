import { LF } from './fields.js'

/** The state that no byte leads out of. */
export const REFUSED = 0

const BYTES = 256
const MOST_STATES = 1024

/** A finite automaton over the bytes of records. A state is the place where its steps begin, so that a step is one look. */
export class Automaton {
  readonly steps = new Uint32Array(BYTES * MOST_STATES)
  /** States in which a text may end. */
  readonly ends = new Set<number>()
  #made = 0
  /** The state in which a record begins. */
  readonly start = this.state()

  /** A new state, from which all bytes are refused. @throws RangeError when there are too many */
  state(): number {
    this.#made++
    if (this.#made >= MOST_STATES) throw new RangeError('too many states')
    return this.#made * BYTES
  }

  /** Where the first of some bytes leads. */
  step(from: number, bytes: string): number {
    return this.steps[from + bytes.charCodeAt(0)] as number
  }

  /** Lets bytes lead from one state to another. */
  on(from: number, bytes: string | Iterable<number>, to: number): void {
    for (const byte of typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes) this.steps[from + byte] = to
  }

  /**
   * Goes on through bytes, from a record's start or from within one. What a step takes is mostly the wait for the one
   * before, so four parts go at once, each from a line end: should one of these be inside a record, its part is gone
   * through again from where the one before it has ended.
   * @returns the state behind them
   */
  through(bytes: Uint8Array, from: number, state: number): number {
    const { steps, start } = this
    const part = (bytes.length - from) >> 2
    const [b, c, d] = [1, 2, 3].map((n) => bytes.lastIndexOf(LF, from + n * part) + 1) as [number, number, number]
    if (!(from < b && b < c && c < d)) return this.#one(bytes, from, bytes.length, state)
    const together = Math.min(b - from, c - b, d - c, bytes.length - d)
    const [toC, toD] = [c - b, d - b]
    let [one, two, three, four] = [state, start, start, start]
    for (let at = from, behind = b, end = from + together; at < end; at++, behind++) {
      one = steps[one + (bytes[at] as number)] as number
      two = steps[two + (bytes[behind] as number)] as number
      three = steps[three + (bytes[behind + toC] as number)] as number
      four = steps[four + (bytes[behind + toD] as number)] as number
    }
    one = this.#one(bytes, from + together, b, one)
    two = one === start ? this.#one(bytes, b + together, c, two) : this.#one(bytes, b, c, one)
    three = two === start ? this.#one(bytes, c + together, d, three) : this.#one(bytes, c, d, two)
    return three === start
      ? this.#one(bytes, d + together, bytes.length, four)
      : this.#one(bytes, d, bytes.length, three)
  }

  #one(bytes: Uint8Array, from: number, to: number, state: number): number {
    const { steps } = this
    let now = state
    for (let at = from; at < to && now !== REFUSED; at++) now = steps[now + (bytes[at] as number)] as number
    return now
  }
}
