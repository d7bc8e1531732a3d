import { content, readChunks } from './bytes.js'

const LF = 10
const CR = 13
const TAB = 9
const SPACE = 32
const QUOTE = 34
const COMMA = 44

/** A record longer than this is taken for a quote that was never closed. */
const RECORD_LIMIT_BYTES = 16 * 1024 * 1024

/** One record: the bytes from `start` to `end`, without its line end. */
export interface CsvRecord {
  bytes: Buffer
  start: number
  end: number
  /** True when it holds a quote: then `stray` and `broken` are known. */
  quoted: boolean
  /** A quote stands inside an unquoted field, as text. */
  stray: boolean
  /** A quoted field goes over several lines. */
  broken: boolean
}

export interface CsvShape {
  /** Records without the header's; empty lines are none. */
  records: number
  lineEnd: 'lf' | 'crlf'
  /** A record has a stray quote, or empty fields too many at its end: the engine's reader takes either for something else. */
  stray: boolean
  broken: boolean
  /** An empty line stands before the header. */
  late: boolean
  longest: number
  /** No field begins or ends with a blank. */
  trimmed: boolean
}

/**
 * Goes through the records of a CSV file by the rules of semantics.md §1, the header first. Where a stretch holds no
 * quote, lines are found by the engine's search for a byte, which is many times faster than looking at each.
 * @param visit called for each record; its bytes are good during the call only
 * @throws EtlError SOURCE_CONTENT with file and line
 */
export async function eachRecord(
  path: string,
  signal: AbortSignal,
  visit: (record: CsvRecord, header: boolean) => void,
): Promise<CsvShape> {
  const shape: CsvShape = {
    records: -1,
    lineEnd: 'lf',
    stray: false,
    broken: false,
    late: false,
    longest: 0,
    trimmed: true,
  }
  let ends: 'lf' | 'crlf' | undefined
  let carry: Buffer | undefined
  let quotes = false
  let returned = false
  let width = 0
  const record: CsvRecord = { bytes: Buffer.alloc(0), start: 0, end: 0, quoted: false, stray: false, broken: false }

  for await (const chunk of readChunks(path, signal)) {
    const { bytes, last } = chunk
    const data: Buffer = carry ? Buffer.concat([carry, bytes]) : bytes
    const offset = chunk.offset - (carry?.length ?? 0)
    carry = undefined
    const failAt = (at: number, what: string, hint?: string) => content(path, offset + at, what, hint)
    let quote = find(data, QUOTE, 0)
    let cr = find(data, CR, 0)
    if (cr < data.length) returned = true
    let start = 0
    record.bytes = data
    if (shape.trimmed) shape.trimmed = isTrimmed(data, last)
    while (start < data.length) {
      if (quote < start) quote = find(data, QUOTE, start)
      if (cr < start) cr = find(data, CR, start)
      let lf = find(data, LF, start)
      record.quoted = quote < lf && quote < data.length
      record.stray = false
      record.broken = false
      let fields: number | undefined
      if (record.quoted) {
        const scan = scanQuoted(data, start, last)
        if (scan.problem) throw await failAt(scan.at, scan.problem, scan.hint)
        if (scan.end === undefined) break
        lf = scan.end
        fields = scan.fields
        record.stray = scan.stray
        record.broken = scan.broken
        // Carriage returns inside quotes are text.
        cr = scan.cr ?? find(data, CR, lf)
      } else if (lf === data.length && !last) break
      const closed = lf < data.length
      const returns = cr < lf
      if (returns && (cr !== lf - 1 || !closed)) throw await failAt(cr, 'mixes line ends', ': here is a CR alone')
      if (closed) {
        const kind = returns ? 'crlf' : 'lf'
        ends ??= kind
        if (kind !== ends)
          throw await failAt(
            start,
            'mixes line ends',
            `: this line ends with ${kind.toUpperCase()}, the first with ${ends.toUpperCase()}`,
          )
      }
      record.start = start
      record.end = returns ? lf - 1 : lf
      if (record.end > start) {
        visit(record, shape.records < 0)
        if (shape.records < 0) width = fields ?? countFields(record)
        shape.records++
        shape.stray ||= record.stray || (fields ?? widthAtEnd(record, width)) !== width
        shape.broken ||= record.broken
        quotes ||= record.quoted
        if (lf - start > shape.longest) shape.longest = lf - start
      } else if (shape.records < 0) shape.late = true
      start = lf + 1
    }
    if (start < data.length) {
      if (data.length - start > RECORD_LIMIT_BYTES)
        throw await failAt(start, 'has a record of more than 16 MiB', ': probably a quote that is never closed')
      carry = Buffer.from(data.subarray(start))
    }
  }
  shape.lineEnd = ends ?? 'lf'
  // Line ends inside quotes may stand at a field's ends.
  if (shape.broken || (returned && (quotes || shape.lineEnd === 'lf'))) shape.trimmed = false
  return shape
}

interface QuotedScan {
  /** Where the record's line end stands, or the end of the file; undefined when more bytes are needed. */
  end: number | undefined
  /** A carriage return outside quotes. */
  cr: number | undefined
  stray: boolean
  broken: boolean
  fields: number
  problem: string | undefined
  hint: string | undefined
  at: number
}

/** Looks at one record that holds a quote. */
function scanQuoted(data: Buffer, start: number, last: boolean): QuotedScan {
  const scan: QuotedScan = {
    end: undefined,
    cr: undefined,
    stray: false,
    broken: false,
    fields: 1,
    problem: undefined,
    hint: undefined,
    at: start,
  }
  const fail = (problem: string, at: number, hint?: string): QuotedScan => Object.assign(scan, { problem, at, hint })
  const { length } = data
  let at = start
  for (;;) {
    if (data[at] === QUOTE) {
      const closing = closingQuote(data, at, last)
      if (closing === undefined)
        return last ? fail('opens a quote that is never closed', start, ', in the record that begins here') : scan
      if (!scan.broken) {
        const lf = data.indexOf(LF, at)
        scan.broken = lf >= 0 && lf < closing
      }
      at = closing + 1
      const next = data[at]
      const known = at < length
      const ended = next === LF || (next === CR && (data[at + 1] === LF || at + 1 === length))
      if (known && next !== COMMA && !ended) {
        return fail('has text behind a closing quote', start, ', in the record that begins here')
      }
    } else {
      while (at < length && data[at] !== COMMA && data[at] !== LF && data[at] !== CR) {
        if (data[at] === QUOTE) scan.stray = true
        at++
      }
    }
    if (data[at] === CR) {
      scan.cr = at
      // A carriage return that ends nothing is told by the caller.
      const lf = data.indexOf(LF, at)
      if (lf < 0 && !last) return scan
      scan.end = lf < 0 ? length : lf
      return scan
    }
    if (at >= length) {
      if (last) scan.end = length
      return scan
    }
    if (data[at] === LF) {
      scan.end = at
      return scan
    }
    scan.fields++
    at++
  }
}

/** Where a quoted field's closing quote stands; undefined when it is not there, or what follows is not known yet. */
function closingQuote(data: Buffer, opening: number, last: boolean): number | undefined {
  for (let at = data.indexOf(QUOTE, opening + 1); at >= 0; at = data.indexOf(QUOTE, at + 2)) {
    if (at + 1 >= data.length) return last ? at : undefined
    if (data[at + 1] !== QUOTE) return at
  }
  return undefined
}

/**
 * False where a blank may stand at a field's end: a tab anywhere, or a space beside a comma, a quote or a line end. It
 * may err for quoted fields, and then trimming them takes a little longer.
 */
function isTrimmed(data: Buffer, last: boolean): boolean {
  if (data.includes(TAB)) return false
  for (let at = data.indexOf(SPACE); at >= 0; at = data.indexOf(SPACE, at + 1)) {
    if (isBorder(data[at - 1]) || (at + 1 < data.length ? isBorder(data[at + 1]) : last)) return false
  }
  return true
}

/** Also for what stands before the first byte: records of the stretch before end there. */
function isBorder(byte: number | undefined): boolean {
  return byte === COMMA || byte === QUOTE || byte === LF || byte === CR || byte === SPACE || byte === undefined
}

function find(data: Buffer, byte: number, from: number): number {
  const at = data.indexOf(byte, from)
  return at < 0 ? data.length : at
}

/** The fields of a record as texts: quotes taken off, nothing trimmed. */
export function fieldsOf({ bytes, start, end }: CsvRecord): string[] {
  const text = bytes.toString('utf8', start, end)
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      let closing = at + 1
      while (text[closing] !== '"' || text[closing + 1] === '"') closing += text[closing] === '"' ? 2 : 1
      fields.push(text.slice(at + 1, closing).replaceAll('""', '"'))
      at = closing + 1
    } else {
      const comma = text.indexOf(',', at)
      const stop = comma < 0 ? text.length : comma
      fields.push(text.slice(at, stop))
      at = stop
    }
    if (at >= text.length) return fields
    at++
  }
}

/** The fields of a record without quotes whose last one is empty. The others are not counted: the engine does that. */
function widthAtEnd(record: CsvRecord, otherwise: number): number {
  return record.bytes[record.end - 1] === COMMA ? countFields(record) : otherwise
}

/** The number of fields of a record without quotes. */
export function countFields({ bytes, start, end }: CsvRecord): number {
  let fields = 1
  for (let at = start; at < end; at++) if (bytes[at] === COMMA) fields++
  return fields
}
