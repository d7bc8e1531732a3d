import { TEXT_LIMIT_BYTES } from '../../../core/model.js'
import { wholeCharacters } from './bytes.js'
import { ContentFault } from './content-fault.js'
import { COMMA, CR, find, LF, QUOTE, quotedField, SPACE, TAB } from './fields.js'
import { NEVER_CLOSED, type RecordFault, textBehindQuote } from './quoted-record.js'

/** A record longer than this is read by itself, field by field, with its texts cut. */
export const LONG_RECORD_BYTES = 1_000_000

/** What is kept of a record, once its texts are cut. */
const KEPT_BYTES = 16 * 1024 * 1024

/** What a field takes beside its text. */
const FIELD_BYTES = 64

/** Behind a text that was cut: no blank, so that the text counts as cut, and is not trimmed at its new end. */
const CUT = Buffer.from('…')

type State = 'field' | 'plain' | 'quoted' | 'quote' | 'return'

/**
 * One long record, by the same rules as the others, in stretches and in little memory: its texts are trimmed, and kept
 * as far as they go into the warehouse.
 */
export class LongRecord {
  #state: State = 'field'
  /** The last field was closed by a quote. */
  #closed = false
  readonly #text = new CutText()
  readonly #fields: Buffer[] = []
  #kept = 0
  lineEnd: 'lf' | 'crlf' | undefined
  /** Line ends inside of quotes. */
  lines = 0

  /** @param start offset of its first byte in the file */
  constructor(readonly start: number) {}

  /**
   * Takes what belongs to it.
   * @param offset of `bytes` in the file
   * @returns where in them the next record begins; undefined when it goes on behind them
   * @throws ContentFault
   */
  take(bytes: Buffer, from: number, offset: number, last: boolean): number | undefined {
    const { length } = bytes
    let at = from
    while (at < length) {
      const byte = bytes[at] as number
      if (this.#state === 'field') {
        this.#closed = byte === QUOTE
        this.#state = this.#closed ? 'quoted' : 'plain'
        if (this.#closed) at++
      } else if (this.#state === 'quoted') {
        const quote = find(bytes, QUOTE, at)
        this.lines += countLines(bytes, at, quote)
        this.#text.add(bytes, at, quote)
        if (quote < length) this.#state = 'quote'
        at = quote + 1
      } else if (this.#state === 'quote' && byte === QUOTE) {
        this.#text.add(bytes, at, at + 1)
        this.#state = 'quoted'
        at++
      } else if (this.#state === 'return') {
        if (byte !== LF) throw this.#closed ? this.#fault(textBehindQuote(CR)) : aloneAt(offset + at - 1)
        return this.#ended('crlf', at + 1)
      } else {
        const stop = this.#state === 'plain' ? endOfPlain(bytes, at) : at
        this.#text.add(bytes, at, stop)
        at = stop + 1
        if (stop === length) break
        const end = bytes[stop]
        if (end === LF) return this.#ended('lf', at)
        if (end === CR) this.#state = 'return'
        else if (end === COMMA) this.#endField()
        else throw this.#fault(textBehindQuote(end))
      }
    }
    if (!last) return undefined
    if (this.#state === 'quoted') throw this.#fault(NEVER_CLOSED)
    if (this.#state === 'return') throw aloneAt(offset + length - 1)
    return this.#ended(undefined, length)
  }

  /** The record as it is read on, every field in quotes. */
  bytes(): Buffer {
    return Buffer.from(this.#fields.map((field) => quotedField(field.toString('utf8'))).join(','))
  }

  get fields(): number {
    return this.#fields.length
  }

  #ended(lineEnd: 'lf' | 'crlf' | undefined, next: number): number {
    this.#endField()
    this.lineEnd = lineEnd
    return next
  }

  #endField(): void {
    const field = this.#text.end()
    this.#state = 'field'
    this.#fields.push(field)
    this.#kept += field.length + FIELD_BYTES
    if (this.#kept > KEPT_BYTES) {
      const limit = TEXT_LIMIT_BYTES.toLocaleString('en-US')
      throw new ContentFault(
        this.start,
        'has a record of more than 16 MiB',
        `, even with each text cut to ${limit} bytes`,
      )
    }
  }

  #fault({ what, hint }: RecordFault): ContentFault {
    return new ContentFault(this.start, what, hint)
  }
}

/** A carriage return that is followed by no line feed. */
export function aloneAt(offset: number): ContentFault {
  return new ContentFault(offset, 'mixes line ends', ': here is a CR alone')
}

/** Not by a search for each: there may be as many quotes as lines. */
export function countLines(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) if (bytes[at] === LF) count++
  return count
}

function endOfPlain(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF && bytes[at] !== CR) at++
  return at
}

/** A text without the blanks at its ends, kept as far as the limit, so that the engine cuts it just as it would the whole. */
class CutText {
  /** As many more bytes as a character may stand beyond the limit. */
  readonly #kept = Buffer.allocUnsafe(TEXT_LIMIT_BYTES + 3)
  #used = 0
  #more = false

  add(bytes: Buffer, from: number, to: number): void {
    let at = from
    if (this.#used === 0) while (at < to && isBlank(bytes[at])) at++
    const copied = bytes.copy(this.#kept, this.#used, at, to)
    this.#used += copied
    for (at += copied; at < to && !this.#more; at++) this.#more = !isBlank(bytes[at])
  }

  /** What is kept; the next text begins. */
  end(): Buffer {
    const kept = this.#kept.subarray(0, this.#used)
    let length = this.#more ? wholeCharacters(kept) : kept.length
    if (!this.#more) while (length > 0 && isBlank(kept[length - 1])) length--
    const text = Buffer.concat([kept.subarray(0, length), ...(this.#more ? [CUT] : [])])
    this.#used = 0
    this.#more = false
    return text
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR || byte === LF
}
