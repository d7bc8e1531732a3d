import { readChunks } from './bytes.js'
import { ContentFault } from './content-fault.js'
import { COMMA, CR, type CsvRecord, countFields, find, isTrimmed, LF, QUOTE } from './fields.js'
import { aloneAt, countLines, LONG_RECORD_BYTES, LongRecord } from './long-record.js'
import { scanQuoted } from './quoted-record.js'

export interface CsvShape {
  /** Records without the header's; empty lines are none. */
  records: number
  lineEnd: 'lf' | 'crlf'
  /**
   * The engine's reader would take a record for something else: one with a quote as text in a field, or with empty fields
   * too many at its end. Or a record is long.
   */
  misread: boolean
  linesInQuotes: boolean
  /** An empty line stands before the header. */
  emptyFirst: boolean
  /** Bytes of the longest record. */
  longest: number
  /** No field begins or ends with a blank. */
  trimmed: boolean
}

/** @param record its bytes are good during the call only */
export type Visit = (record: CsvRecord, header: boolean) => void

/**
 * Goes through the records of a CSV file by the rules of semantics.md §1, the header first. Where a stretch holds no
 * quote, lines are found by the engine's search for a byte, which is many times faster than looking at each.
 * @param more.seen is given all bytes of the file
 * @param more.endStretch is told where in the bytes of the records before the next one begins, before they are gone
 * @throws ContentFault, EtlError IO
 */
export async function eachRecord(
  path: string,
  signal: AbortSignal,
  visit: Visit,
  { seen, endStretch }: { seen?: (bytes: Buffer) => void; endStretch?: (bytes: Buffer, end: number) => void } = {},
): Promise<CsvShape> {
  const scan = new Scan(visit)
  // One room for all stretches, each behind what is left of the one before: a new one for each keeps the collector busy.
  let room = Buffer.allocUnsafe(0)
  let kept = 0
  for await (const { bytes, offset, last } of readChunks(path, signal, seen)) {
    const filled = kept + bytes.length
    if (filled > room.length) room = Buffer.concat([room.subarray(0, kept)], filled)
    bytes.copy(room, kept)
    const data = room.subarray(0, filled)
    const rest = scan.take(data, offset - kept, last)
    endStretch?.(data, rest)
    room.copyWithin(0, rest, filled)
    kept = filled - rest
  }
  return scan.end()
}

class Scan {
  readonly #shape: CsvShape = {
    records: -1,
    lineEnd: 'lf',
    misread: false,
    linesInQuotes: false,
    emptyFirst: false,
    longest: 0,
    trimmed: true,
  }
  readonly #record: CsvRecord = {
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    offset: 0,
    line: 1,
    quoted: false,
    quoteInText: false,
    linesInQuotes: false,
  }
  readonly #visit: Visit
  #lineEnd: 'lf' | 'crlf' | undefined
  /** Where the next record begins, from 1. */
  #line = 1
  /** Fields of the header. */
  #width = 0
  /** A record that goes on in the next stretch. */
  #long: LongRecord | undefined
  #quotes = false
  #returns = false

  constructor(visit: Visit) {
    this.#visit = visit
  }

  /** Goes through a stretch. @returns where the record begins that is to be seen again with what follows */
  take(data: Buffer, offset: number, last: boolean): number {
    const shape = this.#shape
    const record = this.#record
    if (shape.trimmed) shape.trimmed = isTrimmed(data, last)
    let start = this.#long ? this.#takeLong(this.#long, data, 0, offset, last) : 0
    let quote = find(data, QUOTE, start)
    let cr = find(data, CR, start)
    if (cr < data.length) this.#returns = true
    while (start < data.length) {
      if (quote < start) quote = find(data, QUOTE, start)
      if (cr < start) cr = find(data, CR, start)
      let lf = find(data, LF, start)
      record.quoted = quote < lf && quote < data.length
      record.quoteInText = false
      record.linesInQuotes = false
      let fields: number | undefined
      let whole = lf < data.length || last
      if (record.quoted) {
        const scan = scanQuoted(data, start, last)
        if (scan.fault) throw new ContentFault(offset + start, scan.fault.what, scan.fault.hint)
        whole = scan.end !== undefined
        lf = scan.end ?? data.length
        fields = scan.fields
        record.quoteInText = scan.quoteInText
        record.linesInQuotes = scan.linesInQuotes
        // Carriage returns inside quotes are text. One that stands further on is not searched for again: where a file has
        // none, each record would search the whole stretch.
        cr = scan.cr ?? (cr < lf ? find(data, CR, lf) : cr)
      }
      if (lf - start > LONG_RECORD_BYTES) {
        start = this.#takeLong(new LongRecord(offset + start), data, start, offset, last)
        continue
      }
      if (!whole) return start
      const closed = lf < data.length
      const returns = cr < lf
      if (returns && (cr !== lf - 1 || !closed)) throw aloneAt(offset + cr)
      if (closed) this.#endLine(returns ? 'crlf' : 'lf', offset + start)
      record.bytes = data
      record.start = start
      record.end = returns ? lf - 1 : lf
      record.offset = offset + start
      record.line = this.#line
      if (record.end > start) {
        this.#tell(fields)
        if (lf - start > shape.longest) shape.longest = lf - start
      } else if (shape.records < 0) shape.emptyFirst = true
      this.#line += record.linesInQuotes ? countLines(data, start, lf) + 1 : 1
      start = lf + 1
    }
    return data.length
  }

  end(): CsvShape {
    const shape = this.#shape
    shape.lineEnd = this.#lineEnd ?? 'lf'
    // Line ends inside quotes may stand at a field's ends.
    if (shape.linesInQuotes || (this.#returns && (this.#quotes || shape.lineEnd === 'lf'))) shape.trimmed = false
    return shape
  }

  /** @param fields where they are counted already */
  #tell(fields: number | undefined): void {
    const shape = this.#shape
    const record = this.#record
    this.#visit(record, shape.records < 0)
    if (shape.records < 0) this.#width = fields ?? countFields(record)
    shape.records++
    shape.misread ||= record.quoteInText || (fields ?? this.#widthAtEnd()) !== this.#width
    shape.linesInQuotes ||= record.linesInQuotes
    this.#quotes ||= record.quoted
  }

  /** Fields of a record without quotes whose last one is empty. The others are not counted: the engine does that. */
  #widthAtEnd(): number {
    const { bytes, end } = this.#record
    return bytes[end - 1] === COMMA ? countFields(this.#record) : this.#width
  }

  /** @returns where the next record begins: behind the stretch where the long one goes on */
  #takeLong(long: LongRecord, data: Buffer, from: number, offset: number, last: boolean): number {
    const shape = this.#shape
    this.#long = long
    const next = long.take(data, from, offset, last)
    if (next === undefined) return data.length
    this.#long = undefined
    if (long.lineEnd) this.#endLine(long.lineEnd, long.start)
    const bytes = long.bytes()
    Object.assign(this.#record, {
      bytes,
      start: 0,
      end: bytes.length,
      offset: long.start,
      line: this.#line,
      quoted: true,
      quoteInText: false,
      linesInQuotes: long.lines > 0,
    })
    this.#tell(long.fields)
    this.#line += long.lines + 1
    shape.longest = Math.max(shape.longest, bytes.length)
    shape.misread = true
    shape.trimmed = false
    return next
  }

  #endLine(kind: 'lf' | 'crlf', start: number): void {
    this.#lineEnd ??= kind
    if (kind === this.#lineEnd) return
    throw new ContentFault(
      start,
      'mixes line ends',
      `: this line ends with ${kind.toUpperCase()}, the first with ${this.#lineEnd.toUpperCase()}`,
    )
  }
}
