import type { RunEvent } from './events.js'

/** The events in a text of lines; what a kill or a bad disk has cut is left out. */
export function parseEvents(text: string): RunEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      const event = line === '' ? undefined : (JSON.parse(line) as RunEvent | null)
      return event?.type ? [event] : []
    } catch {
      return []
    }
  })
}

/** Events as lines of a log. */
export function eventLines(events: readonly RunEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}
