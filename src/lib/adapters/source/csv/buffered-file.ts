import { closeSync, openSync, writeSync } from 'node:fs'

const BUFFER_BYTES = 1024 * 1024

/** A file that is written at once and not through a stream: records come in one call each, and their bytes do not outlive it. */
export class BufferedFile {
  readonly #file: number
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #used = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  write(bytes: Buffer): void {
    if (this.#used + bytes.length > BUFFER_BYTES) this.flush()
    if (bytes.length > BUFFER_BYTES) this.#put(bytes)
    else this.#used += bytes.copy(this.#buffer, this.#used)
  }

  flush(): void {
    this.#put(this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }

  /** What was not flushed is lost. */
  close(): void {
    closeSync(this.#file)
  }

  #put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
  }
}
