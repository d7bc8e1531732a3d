import { flagName, SETTINGS, type Setting, type TargetKind } from './settings.js'

const WIDTH = 114

/**
 * The settings in one Markdown table; docs/configuration.md holds it.
 * @returns lines joined by LF, without a blank line at either end
 */
export function settingsMarkdown(settings: readonly Setting[] = SETTINGS): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const code = (text: string): string => `\`${text}\``
  const rows = settings.map(({ key, kind, flag, env, above, default: value, defaultText, summary }) => [
    code(key),
    kind ?? 'all',
    [
      ...(flag ? [code(`--${flagName(key)}`)] : []),
      ...(flag?.char ? [code(`-${flag.char}`)] : []),
      ...(above ? [code(above)] : []),
    ].join(', '),
    env ? code(env) : '',
    defaultText ?? code(String(value)),
    summary,
  ])
  const head = ['key', 'targets', 'flag', 'environment', 'default', 'what it is']
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/**
 * The settings of a target as `init` writes them: each with what it is, and its default; those without one as a comment.
 * @param indent what stands before each line
 * @param kind of the target
 */
export function settingsYaml(indent: string, kind: TargetKind, settings: readonly Setting[] = SETTINGS): string {
  const lines: string[] = []
  let group: string | undefined
  for (const { key, kind: of = kind, default: always, defaultOf = kind, example, summary } of settings) {
    if (key === 'target' || of !== kind) continue
    const value = defaultOf === kind ? always : null
    const [name = '', last] = key.split('.')
    // A group of which nothing is given would be no group.
    const isGiven = settings.some((row) => row.key.startsWith(`${name}.`) && row.default !== null)
    if (last !== undefined && name !== group) lines.push(`${indent}${isGiven ? '' : '# '}${name}:`)
    group = last === undefined ? undefined : name
    const at = group === undefined ? indent : `${indent}  `
    for (const text of wrapped(summary, WIDTH - at.length)) lines.push(`${at}# ${text}`)
    const line = `${last ?? name}: ${value ?? example}`
    if (value !== null) lines.push(at + line)
    else lines.push(group === undefined || isGiven ? `${at}# ${line}` : `${indent}#   ${line}`)
  }
  return lines.join('\n')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
