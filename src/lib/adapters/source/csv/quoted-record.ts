import { COMMA, CR, find, LF, QUOTE } from './fields.js'

/** What a look at one record that holds a quote found. */
export interface QuotedScan {
  /** Where the record's line end stands, or the end of the file; undefined when more bytes are needed. */
  end: number | undefined
  /** A carriage return outside quotes. */
  cr: number | undefined
  quoteInText: boolean
  linesInQuotes: boolean
  fields: number
  /** What is wrong in the record. */
  fault: RecordFault | undefined
}

/** A fault in a quoted record: it is told at the record's start. */
export interface RecordFault {
  what: string
  hint: string
}

export const NEVER_CLOSED: RecordFault = {
  what: 'opens a quote that is never closed',
  hint: ', in the record that begins here',
}

/** @param next the byte behind a closing quote */
export function textBehindQuote(next: number | undefined): RecordFault {
  const separator = [59, 9, 124].includes(next ?? 0) ? '; fields are separated by commas, and nothing else' : ''
  return { what: 'has text behind a closing quote', hint: `, in the record that begins here${separator}` }
}

export function scanQuoted(data: Buffer, start: number, last: boolean): QuotedScan {
  const scan: QuotedScan = {
    end: undefined,
    cr: undefined,
    quoteInText: false,
    linesInQuotes: false,
    fields: 1,
    fault: undefined,
  }
  const { length } = data
  let lf = -1
  let at = start
  for (;;) {
    if (data[at] === QUOTE) {
      const closing = closingQuote(data, at, last)
      if (closing === undefined) {
        if (last) scan.fault = NEVER_CLOSED
        return scan
      }
      if (!scan.linesInQuotes) {
        // Once for all fields of a line.
        if (lf < at) lf = find(data, LF, at)
        scan.linesInQuotes = lf < closing
      }
      at = closing + 1
      const next = data[at]
      const known = at < length
      const ended = next === LF || (next === CR && (data[at + 1] === LF || at + 1 === length))
      if (known && next !== COMMA && !ended) {
        scan.fault = textBehindQuote(next)
        return scan
      }
    } else {
      while (at < length && data[at] !== COMMA && data[at] !== LF && data[at] !== CR) {
        if (data[at] === QUOTE) scan.quoteInText = true
        at++
      }
    }
    if (data[at] === CR) {
      scan.cr = at
      // A carriage return that ends nothing is told by the caller.
      const end = find(data, LF, at)
      if (end < length || last) scan.end = end
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
