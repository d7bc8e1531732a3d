import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, VARCHAR } from '@duckdb/node-api'
import { engineError } from '../../local/engine/database.js'
import { copyTo, parquetFiles } from '../../local/engine/readers.js'
import { TextFault } from './cell-text.js'

/** Parts the texts of a block; where one of the two stands in a text it is written as an escape and a letter. */
const PART = '\u001f'
const ESCAPE = '\u001e'
const AWKWARD = new RegExp(`[\\0${ESCAPE}${PART}]`)

/** Texts of a column that go to the engine as one: each call of it costs what fifty texts in one do. */
const BLOCK_ROWS = 2048
const BLOCK_LETTERS = 4_000_000
/** What a file holds, and what is held in memory while the one before is written. */
const FILE_LETTERS = 16_000_000
/** A reader takes a file's blocks apart at once. */
const FILE_BLOCKS = 64

const ENGINE = { threads: '1', memory_limit: '200MB' }

/**
 * Texts on their way into the engine, column by column: blocks of them are appended to it and written to Parquet files,
 * from which `relation` takes them apart again, several at a time.
 */
export class TextFiles implements AsyncDisposable {
  rows = 0
  letters = 0
  /** No text begins or ends with a blank. */
  trimmed = true
  readonly #width: number
  readonly #free: readonly number[]
  readonly #folder: string
  readonly #escaped: Set<number> = new Set()
  readonly #hash = createHash('sha256')
  readonly #files: string[] = []
  #columns: string[][]
  #letters = 0
  #blocks: string[][] = []
  #held = 0
  #writing: Promise<void> | undefined
  /** The file after the one that is being written. */
  #waiting: Promise<void> | undefined
  #engine: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> | undefined

  /**
   * @param free for each column whether any letter may stand in its texts
   * @param folder is made where it is not there
   */
  constructor(free: readonly boolean[], folder: string) {
    this.#width = free.length
    this.#free = [...free.keys()].filter((at) => free[at])
    this.#folder = folder
    this.#columns = emptyColumns(this.#width)
  }

  /**
   * @param texts one per column; they are the row's own, and may be changed
   * @returns what has to be waited for before more is added, if anything
   * @throws TextFault
   */
  add(texts: string[]): Promise<void> | undefined {
    for (const at of this.#free) {
      const text = texts[at] as string
      if (AWKWARD.test(text)) texts[at] = this.#escape(text, at)
      if (isBlank(text.charCodeAt(0)) || isBlank(text.charCodeAt(text.length - 1))) this.trimmed = false
    }
    this.rows++
    let letters = 0
    const columns = this.#columns
    for (let at = 0; at < columns.length; at++) {
      const text = texts[at] as string
      letters += text.length
      ;(columns[at] as string[]).push(text)
    }
    this.#letters += letters
    if ((columns[0] as string[]).length < BLOCK_ROWS && this.#letters < BLOCK_LETTERS) return undefined
    this.#endBlock()
    if (this.#held < FILE_LETTERS && this.#blocks.length < FILE_BLOCKS) return undefined
    if (this.#writing === undefined) {
      this.#write()
      return undefined
    }
    this.#waiting ??= this.#writing.then(() => {
      this.#waiting = undefined
      this.#write()
    })
    return this.#waiting
  }

  /** Writes what is left. @throws EtlError IO */
  async end(): Promise<void> {
    if ((this.#columns[0]?.length ?? 0) > 0) this.#endBlock()
    await this.#waiting
    await this.#writing
    if (this.#blocks.length > 0) this.#write()
    await this.#writing
  }

  /** A hash of all texts in their order; once, after the end. */
  fingerprint(): string {
    return `${this.#hash.digest('hex')}:${this.rows}`
  }

  /** A FROM-clause with the texts as columns `x_0`, `x_1`, …, in the order in which they were added. */
  relation(): string {
    const names = Array.from({ length: this.#width }, (_, at) => `x_${at}`)
    if (this.#files.length === 0)
      return `(select ${names.map((name) => `cast(null as varchar) as ${name}`).join(', ')} where false)`
    const taken = names.map((name) => `unnest(string_split(${name}, chr(31))) as ${name}`).join(', ')
    const rows = `(select ${taken} from ${parquetFiles(this.#files)})`
    if (this.#escaped.size === 0) return rows
    const plain = names.map((name, at) =>
      this.#escaped.has(at)
        ? `replace(replace(${name}, chr(30) || 'P', chr(31)), chr(30) || 'E', chr(30)) as ${name}`
        : name,
    )
    return `(select ${plain.join(', ')} from ${rows})`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing?.catch(() => undefined)
    const engine = await this.#engine?.catch(() => undefined)
    engine?.connection.closeSync()
    engine?.instance.closeSync()
  }

  #escape(text: string, at: number): string {
    if (text.includes('\0')) throw new TextFault(at, 'holds a NUL character')
    this.#escaped.add(at)
    return text.replaceAll(ESCAPE, `${ESCAPE}E`).replaceAll(PART, `${ESCAPE}P`)
  }

  #endBlock(): void {
    const block = this.#columns.map((texts) => texts.join(PART))
    for (const texts of block) this.#hash.update(`${texts.length}:`).update(texts)
    this.#blocks.push(block)
    this.#held += this.#letters
    this.letters += this.#letters
    this.#letters = 0
    this.#columns = emptyColumns(this.#width)
  }

  /** Takes what is held, and writes it while more is added. */
  #write(): void {
    const blocks = this.#blocks
    this.#blocks = []
    this.#held = 0
    const writing = this.#writeFile(blocks).catch((error) => {
      throw engineError(error, this.#folder)
    })
    // Told by whoever waits for it next.
    writing.catch(() => undefined)
    this.#writing = writing.then(() => {
      this.#writing = undefined
    })
    this.#writing.catch(() => undefined)
  }

  async #writeFile(blocks: readonly string[][]): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    this.#engine ??= openEngine()
    const { connection } = await this.#engine
    const columns = Array.from({ length: this.#width }, (_, at) => `x_${at} varchar`)
    await connection.run(`create or replace table blocks (${columns.join(', ')})`)
    const appender = await connection.createAppender('blocks')
    const types = Array.from({ length: this.#width }, () => VARCHAR)
    const chunk = DuckDBDataChunk.create(types, blocks.length)
    for (let at = 0; at < this.#width; at++)
      chunk.setColumnValues(
        at,
        blocks.map((block) => block[at] as string),
      )
    appender.appendDataChunk(chunk)
    appender.closeSync()
    const file = join(this.#folder, `part-${this.#files.length}.parquet`)
    await connection.run(`copy blocks ${copyTo(file, { format: 'parquet', row_group_size: 2048 })}`)
    this.#files.push(file)
  }
}

async function openEngine(): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(':memory:', ENGINE)
  return { instance, connection: await instance.connect() }
}

function emptyColumns(width: number): string[][] {
  return Array.from({ length: width }, () => [])
}

/** Space, tab, CR, LF: what the typing trims. Of an empty text the code is NaN. */
function isBlank(code: number): boolean {
  return code <= 32 && (code === 32 || code === 9 || code === 13 || code === 10)
}
