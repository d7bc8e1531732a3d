import { expect, test } from 'vitest'
import { eventLines, parseEvents } from '../../../../src/lib/core/run/event-lines.js'
import { begun, closed } from '../../../fakes/orchestrator.js'

test('a line that a kill has cut is left out', () => {
  expect(parseEvents(`${JSON.stringify(begun('r-1'))}\n{"type":"la\n${JSON.stringify(closed())}\n{"ty`)).toEqual([
    begun('r-1'),
    closed(),
  ])
})

test('events are read as they were written', () => {
  expect(parseEvents(eventLines([begun('r-1'), closed()]))).toEqual([begun('r-1'), closed()])
})
