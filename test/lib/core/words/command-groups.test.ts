import { expect, test } from 'vitest'
import { COMMAND_GROUPS, grouped } from '../../../../src/lib/core/words/command-groups.js'
import { allCommands } from '../../../support/commands.js'

test('each command stands in one group, or under one that does', async () => {
  const ids = [...(await allCommands()).keys()]
  const told = COMMAND_GROUPS.flatMap(({ commands }) => commands)
  expect(new Set(told).size).toBe(told.length)
  expect(told.filter((id) => id !== 'help' && !ids.includes(id))).toEqual([])
  expect(grouped(ids).map(({ title }) => title)).toEqual(['RUN', 'DATA', 'METRICS', 'SET-UP'])
})

test('a command of no group is there all the same', () => {
  expect(grouped(['run', 'new', 'new one', 'runs show', 'help'])).toEqual([
    { title: 'RUN', commands: ['run'] },
    { title: 'SET-UP', commands: ['help'] },
    { title: 'OTHER', commands: ['new', 'runs show'] },
  ])
})
