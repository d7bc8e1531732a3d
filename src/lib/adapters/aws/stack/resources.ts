import type { ResourceChange } from '../../../ports/stack.js'

interface Block {
  type: string
  text: string
}

/** The resources of a template of ours, by name: each is a block of lines two blanks in. */
export function resourceBlocks(template: string): Map<string, Block> {
  const resources = /^Resources:\n([\s\S]*?)(?=^\S|$(?![\s\S]))/m.exec(template)?.[1] ?? ''
  const found = new Map<string, Block>()
  for (const [, name = '', text = ''] of resources.matchAll(/^ {2}(\w+):\n((?:^(?: {3,}.*)?\n?)*)/gm))
    found.set(name, { type: /^ {4}Type: (\S+)/m.exec(text)?.[1] ?? '', text: text.trimEnd() })
  return found
}

/**
 * What an update touches: resources that are in one template only or read differently in both, and those that name a parameter
 * whose value is another. What CloudFormation finds behind them, such as a role's new ARN, it says when it is asked.
 * @param parameters names of those that change
 */
export function resourceChanges(before: string, after: string, parameters: readonly string[]): ResourceChange[] {
  const [old, wanted] = [resourceBlocks(before), resourceBlocks(after)]
  const names = parameters.map((name) => new RegExp(`\\b${name}\\b`))
  const isTouched = (name: string, text: string): boolean =>
    old.get(name)?.text !== text || names.some((parameter) => parameter.test(text))
  return [
    ...[...wanted].flatMap(([resource, { type, text }]): ResourceChange[] => {
      if (!isTouched(resource, text)) return []
      return [{ action: old.has(resource) ? 'modify' : 'add', resource, type }]
    }),
    ...[...old].flatMap(([resource, { type }]): ResourceChange[] =>
      wanted.has(resource) ? [] : [{ action: 'remove', resource, type }],
    ),
  ]
}
