import { toTerminal, visible } from './terminal.js'
import { cutTo } from './width.js'

/** One line on a terminal that is written over, and leaves no trace. */
export interface ProgressLine {
  show(text: string): void
  clear(): void
}

/** @param live false where nothing can be written over: then nothing is shown */
export function progressLine(stream: NodeJS.WriteStream, live: boolean): ProgressLine {
  let shown = false
  return {
    show: (text) => {
      if (!live) return
      shown = true
      // The last column stays free: a terminal may go to the next line there.
      const line = cutTo(visible(text), (stream.columns || 80) - 1)
      stream.write(`\r${ERASE}${toTerminal(line, { color: false })}`)
    },
    clear: () => {
      if (shown) stream.write(`\r${ERASE}`)
      shown = false
    },
  }
}

const ERASE = '\u001b[K'
