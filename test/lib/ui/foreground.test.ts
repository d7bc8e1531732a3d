import { expect, test } from 'vitest'
import { inForeground } from '../../../src/lib/ui/foreground.js'

const stat = (group: number, foreground: number) => () =>
  `4711 (a name) of (it)) S 4000 ${group} 4000 34816 ${foreground} 4194304 1234`

test('the terminal is of the group that it says it is of', () => {
  expect([inForeground(stat(4711, 4711)), inForeground(stat(4711, 4000))]).toEqual([true, false])
})

test('where it cannot be seen, or there is none, it is taken for granted', () => {
  const missing = (): string => {
    throw new Error('ENOENT')
  }
  expect([inForeground(missing), inForeground(() => ''), inForeground(stat(4711, -1))]).toEqual([true, true, true])
})
