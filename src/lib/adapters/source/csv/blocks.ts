import { hash } from 'node:crypto'
import { type BlockList, HASH_BYTES } from '../source.js'
import { BufferedFile } from './buffered-file.js'
import { CR, type CsvRecord } from './fields.js'

/** A block has at least so many bytes: fewer would cost more to hash, more would hold more rows that did not change. */
const LEAST_BYTES = 1500
/** Of the records behind them one in so many ends it. */
const ONE_IN = 4
/** Of a record's bytes as many are looked at to know whether it ends a block: they hold its key. */
const LOOKED_AT_BYTES = 24
/** Of a file, the part that may have changed: where more has, all of it is read as quickly. */
const MOST_CHANGED = 0.25

type Place = Pick<CsvRecord, 'bytes' | 'start' | 'end'>

/** The bytes of a record with its line end. */
export function lineOf({ bytes, start, end }: Place): Buffer {
  return bytes.subarray(start, Math.min(bytes.length, end + (bytes[end] === CR ? 2 : 1)))
}

/**
 * Parts a file into blocks. Where one ends depends on the bytes of its records alone and not on their place in the file,
 * so that behind a change the blocks are soon the same again. A stretch of the file, as it is read, ends one in any case.
 */
export class BlockCutter {
  /** Where the block begins in the stretch; -1 before its first record. */
  #start = -1
  #records = 0
  /** The record before ends the block. */
  #ends = false

  /** @param found is given the bytes of each block, which are good during the call only, and its number of records */
  constructor(private readonly found: (bytes: Buffer, records: number) => void) {}

  /** Where the first block begins. */
  begin(at: number): void {
    this.#start = at
  }

  /** Takes the next record of the stretch; what stands between two belongs to the block of the one before. */
  add({ bytes, start, end }: Place): void {
    if (this.#start < 0) this.#start = start
    else if (this.#ends) this.#cut(bytes, start)
    this.#records++
    this.#ends = end - this.#start >= LEAST_BYTES && endsBlock(bytes, start, end)
  }

  /** Behind the last whole record of a stretch. */
  endStretch(bytes: Buffer, end: number): void {
    if (this.#start >= 0) this.#cut(bytes, end)
    this.#start = -1
    this.#ends = false
  }

  #cut(bytes: Buffer, to: number): void {
    this.found(bytes.subarray(this.#start, to), this.#records)
    this.#start = to
    this.#records = 0
  }
}

function endsBlock(bytes: Buffer, start: number, end: number): boolean {
  let sum = 0
  for (let at = start, last = Math.min(end, start + LOOKED_AT_BYTES); at < last; at++)
    sum = (Math.imul(sum, 31) + (bytes[at] as number)) | 0
  return ((sum ^ (sum >>> 15)) & (ONE_IN - 1)) === 0
}

/** The list of a file's blocks while it is read. */
export class BlockLister {
  #hashes = Buffer.allocUnsafe(1024 * HASH_BYTES)
  readonly #records: number[] = []

  /** @returns its hash */
  add(bytes: Buffer, records: number): Buffer {
    const at = this.#records.length * HASH_BYTES
    if (at === this.#hashes.length) this.#hashes = Buffer.concat([this.#hashes], 2 * at)
    this.#hashes.write(hash('sha256', bytes, 'hex'), at, HASH_BYTES, 'hex')
    this.#records.push(records)
    return this.#hashes.subarray(at, at + HASH_BYTES)
  }

  list(header: string, plain: boolean): BlockList {
    const hashes = this.#hashes.subarray(0, this.#records.length * HASH_BYTES)
    return { header, plain, hashes, records: Uint32Array.from(this.#records) }
  }
}

/** What a file holds beside the blocks of a list, in a file of its own: the header, and the blocks that are not in the list. */
export class ChangedBlocks {
  readonly #known: BlockList
  /** The place in the list by the first six bytes of the hash; where two have the same, only one is found again. */
  readonly #index = new Map<number, number>()
  readonly #taken: Uint8Array
  /** The blocks that are there still were plain. */
  readonly knownPlain: boolean
  /** For each block of the file its place in the list, or -1. */
  readonly places: number[] = []
  records = 0
  #bytes = 0
  readonly #file: BufferedFile

  /** @param path where the blocks are written @param size of the file that is read */
  constructor(
    known: BlockList,
    readonly path: string,
    private readonly size: number,
  ) {
    this.#known = known
    this.#taken = new Uint8Array(known.records.length)
    this.knownPlain = known.plain
    this.#file = new BufferedFile(path)
  }

  /** Takes the header with its line end; below another one than that of the list, no block is known. */
  begin(line: Buffer): void {
    this.#write(line)
    const { header, hashes, records } = this.#known
    if (line.toString() !== header) return
    for (let at = 0; at < records.length; at++) this.#index.set(hashes.readUIntBE(at * HASH_BYTES, 6), at)
  }

  /** Takes the next block. @returns whether it is a new one */
  add(bytes: Buffer, records: number, digest: Buffer): boolean {
    const place = this.#index.get(digest.readUIntBE(0, 6)) ?? -1
    const { hashes } = this.#known
    const same =
      place >= 0 &&
      this.#taken[place] === 0 &&
      digest.compare(hashes, place * HASH_BYTES, (place + 1) * HASH_BYTES) === 0
    this.places.push(same ? place : -1)
    if (same) this.#taken[place] = 1
    else {
      this.records += records
      this.#write(bytes)
    }
    return !same
  }

  /** So little has changed that it is worth being read by itself; otherwise not all of it was written. */
  get few(): boolean {
    return this.#bytes <= this.size * MOST_CHANGED
  }

  flush(): void {
    this.#file.flush()
  }

  close(): void {
    this.#file.close()
  }

  #write(bytes: Buffer): void {
    this.#bytes += bytes.length
    if (this.few) this.#file.write(bytes)
  }
}
