import { expect, test } from 'vitest'
import { commandFiles, documentedLines, isAwsLine, shellWords } from '../support/doc-commands.js'
import { sharedOperator } from './pipeline-support.js'

const lines = documentedLines(await commandFiles()).filter(isAwsLine)

/** What makes comes first, then what runs, then what reads. */
const rank = (line: string): number => {
  const order = ['bootstrap', 'run', '']
  return order.findIndex((word) => line.startsWith(`rental-etl ${word}`)) * 2 + (line.includes('--dry-run') ? 0 : 1)
}

const shared = sharedOperator({ waits: 0.05 })

test('there are lines', () => expect(lines.length).toBeGreaterThan(5))

for (const line of lines.toSorted((a, b) => rank(a) - rank(b))) {
  test(line, { timeout: 300_000 }, async () => {
    const [, ...words] = shellWords(line)
    const { code, stderr } = await shared.operator.run(...words)
    expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
  })
}
