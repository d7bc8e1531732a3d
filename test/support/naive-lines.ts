import { strictCsv } from './strict-csv.js'

/** A record and the line where it begins, from 1. */
export interface LinedRecord {
  line: number
  fields: string[]
}

/** The records of a good CSV text, the header first: line is put to line until no quote is open. Slow and plain. */
export function naiveLines(text: string): LinedRecord[] {
  const found: LinedRecord[] = []
  let open: string[] = []
  for (const [at, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    open.push(line)
    // A byte order mark at a record's beginning is text.
    const records = strictCsv(`\ufeff${open.join('\n').replace(/\r$/, '')}`)
    if (records === undefined) continue
    for (const fields of records) found.push({ line: at + 2 - open.length, fields })
    open = []
  }
  return found
}
