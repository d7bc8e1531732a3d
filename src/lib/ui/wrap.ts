import { unpainted } from './paint.js'
import { textWidth } from './width.js'

/**
 * A line broken between words where it is longer than `width`; what follows is indented, under the last column of an
 * aligned line. A word is never broken, and neither is a command: it is there to be pasted.
 */
export function wrapped(text: string, width: number): string[] {
  if (textWidth(text) <= width || COMMAND_LINE.test(text)) return [text]
  const indent = ' '.repeat(hanging(text, width))
  const lines: string[] = []
  let line = ''
  for (const word of words(text)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (textWidth(longer) <= width || line === '') line = longer
    else {
      lines.push(line)
      line = `${indent}${word.trimStart()}`
    }
  }
  return [...lines, line]
}

/** All lines of a text, each no longer than `width`. */
export function wrappedText(text: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY) return text
  return text
    .split('\n')
    .flatMap((line) => wrapped(line, width))
    .join('\n')
}

/** A line that is a command to paste. */
const COMMAND_LINE = /^[\s\ufdd0-\ufddf]*((try|next):[\ufdd0-\ufddf]* |rental-etl )/
/** A command within a line, up to what ends it. */
const COMMAND = /\brental-etl [a-z][^;,)]*/g

/** What is parted by blanks; a command is one. */
function words(text: string): string[] {
  const kept = text.replaceAll(COMMAND, (command) => command.replaceAll(' ', KEPT))
  return kept.split(/(?<=\S) /).map((word) => word.replaceAll(KEPT, ' '))
}

const KEPT = '\ufdef'

/** Where the lines that follow begin. */
function hanging(text: string, width: number): number {
  const plain = unpainted(text)
  const lead = /^ */.exec(plain)?.[0].length ?? 0
  if (plain.startsWith('- ', lead)) return lead + 2
  const gaps = [...plain.matchAll(/\S {2,}(?=\S)/g)].map(({ 0: gap, index }) => index + gap.length)
  return gaps.findLast((end) => end > lead && end <= width / 2) ?? lead + 4
}
