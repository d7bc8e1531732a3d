/** What a draw is for: each purpose has a sequence of its own, so that one more draw in one place moves no other. */
export const STREAM = {
  life: 1,
  listing: 2,
  attributes: 3,
  booking: 4,
  view: 5,
  listingFate: 6,
  bookingFate: 7,
  viewFate: 8,
  late: 9,
  dirt: 10,
  dirtFate: 11,
  oddity: 12,
  id: 13,
} as const

const WORD = 4_294_967_296

/** A number in [0, 1) that depends on the words alone: the decision of one row on one day. */
export function chance(seed: number, stream: number, index: number, extra = 0, more = 0): number {
  let hash = mix(low(seed) ^ 0x9e3779b9)
  hash = mix(hash ^ high(seed) ^ Math.imul(stream, 0x85ebca6b))
  hash = mix(hash ^ low(index))
  hash = mix(hash ^ high(index) ^ Math.imul(extra + 1, 0xc2b2ae35))
  return (mix(hash ^ Math.imul(more + 1, 0x27d4eb2f)) >>> 0) / WORD
}

/** Numbers that depend on seed, stream and row alone (sfc32): any row can be made without those before it. */
export class Random {
  readonly #seed: number
  #a = 0
  #b = 0
  #c = 0
  #count = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Begins the sequence of a row. */
  row(stream: number, index: number, variant = 0): this {
    this.#a = mix(low(this.#seed) ^ Math.imul(stream, 0x85ebca6b)) ^ high(this.#seed)
    this.#b = low(index)
    this.#c = high(index) ^ Math.imul(variant, 0x27d4eb2f)
    this.#count = 1
    for (let round = 0; round < 12; round++) this.unit()
    return this
  }

  /** In [0, 1). */
  unit(): number {
    const sum = (this.#a + this.#b + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return (sum >>> 0) / WORD
  }

  /** An integer from `from` to `to`, both inclusive. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1))
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.unit() * values.length)] as Value
  }

  chance(share: number): boolean {
    return this.unit() < share
  }
}

/** Values with weights, for one draw each. */
export class Weighted<Value> {
  readonly #values: readonly Value[]
  readonly #sums: number[] = []

  constructor(weights: readonly (readonly [Value, number])[]) {
    this.#values = weights.map(([value]) => value)
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
    let sum = 0
    for (const [, weight] of weights) {
      sum += weight / total
      this.#sums.push(sum)
    }
  }

  /** The value at a number in [0, 1). */
  at(unit: number): Value {
    let index = 0
    while (index < this.#values.length - 1 && unit >= (this.#sums[index] as number)) index++
    return this.#values[index] as Value
  }
}

function low(value: number): number {
  return value | 0
}

function high(value: number): number {
  return Math.floor(value / WORD) | 0
}

/** The finaliser of murmur3: every bit in moves about half of the bits out. */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
