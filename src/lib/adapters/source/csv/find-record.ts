import type { WantedRecord } from '../../../ports/source-check.js'
import { COMMA, type CsvRecord, fieldsOf, QUOTE, trimBlanks } from './fields.js'
import { eachRecord } from './records.js'

/**
 * The line where a record of a CSV file begins that has the wanted texts, as an extract reads them; undefined where
 * there is none. It is one pass, which ends at the record.
 * @throws ContentFault, EtlError IO, and what the signal was aborted with
 */
export async function findRecord(
  path: string,
  { fields, occurrence }: Pick<WantedRecord, 'fields' | 'occurrence'>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const stop = new AbortController()
  let wanted: readonly Buffer[] | undefined
  let left = occurrence
  let line: number | undefined
  const visit = (record: CsvRecord, isHeader: boolean): void => {
    if (isHeader) {
      wanted = inOrder(fields, fieldsOf(record).map(trimBlanks))?.map((text) => Buffer.from(text))
      if (!wanted) stop.abort()
    } else if (wanted && left > 0 && holds(record, wanted) && --left === 0) {
      line = record.line
      stop.abort()
    }
  }
  try {
    await eachRecord(path, AbortSignal.any([signal, stop.signal]), visit)
  } catch (error) {
    // What is wrong behind the record does not matter.
    if (!stop.signal.aborted) throw error
  }
  return line
}

/** The wanted texts in the order of a header; undefined where it has other columns. */
function inOrder(fields: WantedRecord['fields'], header: readonly string[]): readonly string[] | undefined {
  if (Array.isArray(fields)) return fields
  const texts = new Map(Object.entries(fields))
  if (texts.size !== header.length) return undefined
  const found = header.filter((name) => texts.has(name))
  return new Set(found).size === header.length ? found.map((name) => texts.get(name) as string) : undefined
}

/** Byte by byte to the first that differs, which mostly is one of the first: no record is taken apart. */
function holds({ bytes, start, end }: CsvRecord, fields: readonly Buffer[]): boolean {
  let at = start
  for (let n = 0; n < fields.length; n++) {
    if (n > 0 && (at >= end || bytes[at++] !== COMMA)) return false
    const field = fields[n] as Buffer
    const quoted = at < end && bytes[at] === QUOTE
    const behind = quoted ? behindQuoted(bytes, at, field) : behindPlain(bytes, at, field)
    if (behind === undefined || behind > end) return false
    at = behind
  }
  return at === end
}

/** Where a field without quotes ends that begins with that text. */
function behindPlain(bytes: Buffer, start: number, text: Buffer): number | undefined {
  for (let n = 0; n < text.length; n++) {
    const byte = text[n]
    if (bytes[start + n] !== byte || byte === COMMA) return undefined
  }
  return start + text.length
}

/** Where a field in quotes ends that is that text: behind its closing quote. */
function behindQuoted(bytes: Buffer, start: number, text: Buffer): number | undefined {
  let at = start + 1
  for (let n = 0; n < text.length; n++) {
    if (bytes[at] !== text[n]) return undefined
    if (bytes[at++] === QUOTE && bytes[at++] !== QUOTE) return undefined
  }
  return bytes[at] === QUOTE ? at + 1 : undefined
}
