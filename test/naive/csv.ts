/** A CSV text as records, character by character (semantics.md §1); line ends are taken as they come. */
export function parseCsv(text: string): { header: string[]; records: string[][] } {
  const all: string[][] = []
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length) {
    const record: string[] = []
    let empty = true
    for (;;) {
      let field = ''
      if (text[at] === '"') {
        empty = false
        at++
        while (text[at] !== '"' || text[at + 1] === '"') {
          if (at >= text.length) throw new Error('open quote')
          if (text[at] === '"') at++
          field += text[at++]
        }
        at++
      } else {
        while (at < text.length && text[at] !== ',' && text[at] !== '\n' && !text.startsWith('\r\n', at))
          field += text[at++]
        if (field !== '') empty = false
      }
      record.push(field)
      if (text[at] === ',') {
        empty = false
        at++
        continue
      }
      at += text.startsWith('\r\n', at) ? 2 : 1
      break
    }
    if (!empty) all.push(record)
  }
  const [header = [], ...records] = all
  return { header: header.map(trim), records }
}

export function trim(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && ' \t\r\n'.includes(text[from] as string)) from++
  while (to > from && ' \t\r\n'.includes(text[to - 1] as string)) to--
  return text.slice(from, to)
}
