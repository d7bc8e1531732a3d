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
      const end = at > 0 ? '' : [after, ...problems.map((problem) => `**✗ ${problem}**`)].join('; ')
      return [at > 0 ? '' : what, commands, exit + faultOf(bad), said, end]
    })
  })
  const head = ['what was done', 'command', 'exit', 'what it said', 'what remained true']
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

/** Of one thing what was done to it: `x is empty` and `x is cut` become `x is empty, is cut`. */
function together(names: readonly string[]): string {
  const things = Map.groupBy(names, (name) => /^(`[^`]+`|the \w+) (?=is |may |has )/.exec(name)?.[0] ?? '')
  return [...things]
    .flatMap(([thing, same]) =>
      thing === '' ? same : [thing + same.map((name) => name.slice(thing.length)).join(', ')],
    )
    .join('; ')
}

/** What the exit says by itself is not said twice. */
function faultOf(problems: readonly string[]): string {
  if (problems.length === 0) return ''
  const more = problems.filter((problem) => !/^(exit |hangs$|dies by )/.test(problem))
  return ` **✗${more.map((problem) => ` ${problem}`).join(',')}**`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
