/** `1234567` as `1,234,567`. */
export function countText(n: number | bigint): string {
  return n.toLocaleString('en-US')
}

/** Milliseconds as `0.4 s`, `12 s`, `2 min 5 s`, `1 h 2 min`. */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How long ago a moment was: `12 s ago`, `3 h ago`, `5 d ago`; further back, and ahead of the clock, the day itself. */
export function ageText(at: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(at)) / 1000)
  if (seconds < -60) return at.slice(0, 16).replace('T', ' ')
  if (seconds < 60) return `${Math.max(0, seconds)} s ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ago`
  const days = Math.floor(hours / 24)
  return days < 60 ? `${days} d ago` : at.slice(0, 10)
}

/** A line broken between words where it is longer than `width`; what follows is indented. A word is never broken. */
export function wrapped(text: string, width: number): string[] {
  const indent = `${/^ */.exec(text)?.[0]}    `
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width || line === '') line = longer
    else {
      lines.push(line)
      line = `${indent}${word}`
    }
  }
  return [...lines, line]
}

/** A text on one line, with control characters written out: a cell must not move the cursor of a terminal. */
export function visible(text: string): string {
  return text.replaceAll(
    CONTROL,
    (character) => NAMED[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
