export const LF = 10
export const CR = 13
export const TAB = 9
export const SPACE = 32
export const QUOTE = 34
export const COMMA = 44

/** One record: the bytes from `start` to `end`, without its line end. */
export interface CsvRecord {
  bytes: Buffer
  start: number
  end: number
  /** Of its first byte in the file. */
  offset: number
  /** The line of the file where it begins, from 1. */
  line: number
  /** It holds a quote: then the two below are known. */
  quoted: boolean
  /** A quote stands inside an unquoted field, as text. */
  quoteInText: boolean
  /** A quoted field goes over several lines. */
  linesInQuotes: boolean
}

/** Where a byte stands from `from` on; the length where it does not. */
export function find(data: Buffer, byte: number, from: number): number {
  const at = data.indexOf(byte, from)
  return at < 0 ? data.length : at
}

/** The fields of a record as texts: quotes taken off, nothing trimmed. */
export function fieldsOf({ bytes, start, end }: Pick<CsvRecord, 'bytes' | 'start' | 'end'>): string[] {
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

const BLANKS = ' \t\r\n'

/** A text without the blanks at its ends; a pattern takes the square of their number. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && BLANKS.includes(text[start] as string)) start++
  while (end > start && BLANKS.includes(text[end - 1] as string)) end--
  return text.slice(start, end)
}

/** A field in quotes. */
export function quotedField(field: string): string {
  return `"${field.replaceAll('"', '""')}"`
}

/** The number of fields of a record without quotes. */
export function countFields({ bytes, start, end }: Pick<CsvRecord, 'bytes' | 'start' | 'end'>): number {
  let fields = 1
  for (let at = start; at < end; at++) if (bytes[at] === COMMA) fields++
  return fields
}

/**
 * False where a blank may stand at a field's end: a tab anywhere, or a space beside a comma, a quote or a line end. It
 * may err for quoted fields, and then trimming them takes a little longer.
 */
export function isTrimmed(data: Buffer, last: boolean): boolean {
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
