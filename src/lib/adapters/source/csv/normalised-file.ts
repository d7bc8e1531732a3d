import { BufferedFile } from './buffered-file.js'
import { type CsvRecord, countFields, fieldsOf, LF, quotedField } from './fields.js'

const LINE_END = Buffer.from([LF])

/**
 * A copy of a CSV file with LF at the end of each record, a quote only where it opens or closes a field, and without the
 * records whose number of fields is not the header's; these go into a JSONL file of `{fields, line}`.
 */
export class NormalisedFile {
  readonly #copy: BufferedFile
  readonly #misfits: BufferedFile
  readonly #fields: number
  /** Bytes of the longest record of the copy. */
  longest = 0
  misfits = 0
  /** Bytes of the longest misfit's line. */
  longestMisfit = 0

  /** @param fields the number of fields of the header */
  constructor(copy: string, misfits: string, fields: number) {
    this.#fields = fields
    this.#copy = new BufferedFile(copy)
    this.#misfits = new BufferedFile(misfits)
    this.#write(Buffer.from(Array.from({ length: fields }, (_, at) => `x_${at}`).join(',')))
  }

  add(record: CsvRecord): void {
    const fields = record.quoted ? fieldsOf(record) : undefined
    const count = fields?.length ?? countFields(record)
    if (count !== this.#fields) {
      this.misfits++
      const line = Buffer.from(`${JSON.stringify({ fields: fields ?? fieldsOf(record), line: record.line })}\n`)
      this.longestMisfit = Math.max(this.longestMisfit, line.length)
      this.#misfits.write(line)
    } else if (record.quoteInText) {
      this.#write(Buffer.from((fields as string[]).map(quotedField).join(',')))
    } else {
      this.#write(record.bytes.subarray(record.start, record.end))
    }
  }

  flush(): void {
    this.#copy.flush()
    this.#misfits.flush()
  }

  close(): void {
    this.#copy.close()
    this.#misfits.close()
  }

  #write(bytes: Buffer): void {
    this.longest = Math.max(this.longest, bytes.length)
    this.#copy.write(bytes)
    this.#copy.write(LINE_END)
  }
}
