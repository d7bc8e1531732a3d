/** What a text is put together of in which every rule of a CSV file may be kept or broken. */
export const CSV_PIECES = [
  ...['a', ',', ',', '"', '"', '\n', '\n', '\r\n', '\r', ' ', '\t', 'é'],
  ...['""', '",', ',"', '"\n'],
] as const

/**
 * A CSV text as records, the header first, letter by letter by the rules of semantics.md §1; undefined where they refuse
 * it. Slow and plain: what the real reader does in stretches and by searching is compared with it.
 */
export function strictCsv(text: string): string[][] | undefined {
  const records: string[][] = []
  const ends = new Set<string>()
  let at = text.startsWith('\ufeff') ? 1 : 0
  const lineEnd = (): string => (text.startsWith('\r\n', at) ? '\r\n' : text[at] === '\n' ? '\n' : '')
  while (at < text.length) {
    const start = at
    const record: string[] = []
    for (;;) {
      let field = ''
      if (text[at] === '"') {
        at++
        for (; text[at] !== '"' || text[at + 1] === '"'; at++) {
          if (at >= text.length) return undefined
          if (text[at] === '"') at++
          field += text[at]
        }
        at++
        if (at < text.length && text[at] !== ',' && lineEnd() === '') return undefined
      } else {
        while (at < text.length && text[at] !== ',' && lineEnd() === '') {
          if (text[at] === '\r') return undefined
          field += text[at++]
        }
      }
      record.push(field)
      if (text[at] !== ',') break
      at++
    }
    if (at > start) records.push(record)
    if (at < text.length) ends.add(lineEnd())
    at += lineEnd().length
  }
  return ends.size > 1 ? undefined : records
}
