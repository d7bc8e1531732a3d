import { closeSync, openSync, writeSync } from 'node:fs'
import { type CsvRecord, countFields, fieldsOf, LF, quotedField } from './fields.js'

const BUFFER_BYTES = 1024 * 1024

/**
 * A copy of a CSV file with LF at the end of each record, a quote only where it opens or closes a field, and without the
 * records whose number of fields is not the header's; these go into a JSONL file of `{fields, line}`.
 * Written at once and not through a stream, since records come in one call each and their bytes do not outlive it.
 */
export class NormalisedFile {
  readonly #copy: number
  readonly #misfits: number
  readonly #fields: number
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #used = 0
  /** Bytes of the longest record of the copy. */
  longest = 0
  misfits = 0
  /** Bytes of the longest misfit's line. */
  longestMisfit = 0

  /** @param fields the number of fields of the header */
  constructor(copy: string, misfits: string, fields: number) {
    this.#fields = fields
    this.#copy = openSync(copy, 'w')
    this.#misfits = openSync(misfits, 'w')
    this.#write(Buffer.from(Array.from({ length: fields }, (_, at) => `x_${at}`).join(',')))
  }

  add(record: CsvRecord): void {
    const fields = record.quoted ? fieldsOf(record) : undefined
    const count = fields?.length ?? countFields(record)
    if (count !== this.#fields) {
      this.misfits++
      const line = Buffer.from(`${JSON.stringify({ fields: fields ?? fieldsOf(record), line: record.line })}\n`)
      this.longestMisfit = Math.max(this.longestMisfit, line.length)
      writeAll(this.#misfits, line)
    } else if (record.quoteInText) {
      this.#write(Buffer.from((fields as string[]).map(quotedField).join(',')))
    } else {
      this.#write(record.bytes.subarray(record.start, record.end))
    }
  }

  flush(): void {
    if (this.#used > 0) writeAll(this.#copy, this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }

  close(): void {
    closeSync(this.#copy)
    closeSync(this.#misfits)
  }

  #write(bytes: Buffer): void {
    this.longest = Math.max(this.longest, bytes.length)
    if (this.#used + bytes.length + 1 > BUFFER_BYTES) this.flush()
    if (bytes.length + 1 > BUFFER_BYTES) writeAll(this.#copy, bytes)
    else this.#used += bytes.copy(this.#buffer, this.#used)
    this.#buffer[this.#used++] = LF
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
