/** One case, done: what each command answered, and what was true afterwards. */
export interface Row {
  what: string
  answers: { command: string; exit: string; said: string; problems: string[] }[]
  /** What mended it. */
  after: string
  problems: string[]
}

/** A markdown table; cases that ended alike share a row, and so do commands that answered alike. */
export function damageTable(rows: readonly Row[]): string {
  const alike = Map.groupBy(rows, ({ answers, after, problems }) => JSON.stringify([answers, after, problems]))
  const lines = [...alike.values()].flatMap((same) => {
    const [{ answers, after, problems }] = same as [Row]
    const what = together(same.map((row) => row.what))
    const groups = Map.groupBy(answers, ({ exit, said, problems: bad }) => JSON.stringify([exit, said, bad]))
    return [...groups.values()].map((group, at) => {
      const [{ exit, said, problems: bad }] = group as [Row['answers'][number]]
      const commands = group.map(({ command }) => `\`${command}\``).join(', ')
      const fault = bad.length > 0 ? ` **✗ ${bad.join(', ')}**` : ''
      const end = at > 0 ? '' : [after, ...problems.map((problem) => `**✗ ${problem}**`)].join('; ')
      return [at > 0 ? '' : what, commands, `${exit}${fault}`, said, end]
    })
  })
  const head = ['what was done', 'command', 'exit', 'what it said', 'what remained true']
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

/** `x is empty`, `x is cut` become `x is empty, is cut`. */
function together(names: readonly string[]): string {
  const [first = ''] = names
  const shared = /^`[^`]+` /.exec(first)?.[0]
  if (shared === undefined || !names.every((name) => name.startsWith(shared))) return names.join('; ')
  return `${shared}${names.map((name) => name.slice(shared.length)).join(', ')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
