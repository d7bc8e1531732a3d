import type { Clock } from '../../src/lib/ports/clock.js'

/** A clock that goes on by a fixed step each time it is read. */
export function steppingClock(start = '2026-05-04T02:00:00.000Z', stepMs = 1000): Clock {
  let time = Date.parse(start) - stepMs
  return {
    now: () => {
      time += stepMs
      return new Date(time)
    },
  }
}
