import { initialRun, type RunEvent, type RunState, reduceRun } from '../../src/lib/core/run/events.js'

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

/** The state at the end of a run's events. */
export async function finalState(events: AsyncIterable<RunEvent>): Promise<RunState> {
  return (await collect(events)).reduce(reduceRun, initialRun(''))
}
