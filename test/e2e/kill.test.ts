import { expect, test } from 'vitest'
import { killRuns } from '../kill/harness.js'

const RUNS = 20

// `npm run test:kill -- --runs 500` does the same for longer; what a step does is told in docs/reliability.md.
test('killed at any moment, a command leaves whole layers, and the next run ends as if nothing had been', async () => {
  const { passed, failures, points } = await killRuns({ runs: RUNS, seed: 11, days: 1, scale: 0.005, verifyEvery: 10 })
  for (const { kept } of failures) console.error(`the home is kept in ${kept}`)
  expect(failures.map(({ step, story, problems }) => ({ step, story, problems }))).toEqual([])
  expect(passed).toBe(RUNS)
  // Were nothing killed, nothing would be proved.
  expect(points.kills).toBeGreaterThan(RUNS / 2)
  // Bound by the number of steps: a busy machine takes longer, and a command that hangs is told by its doing nothing.
}, 1_800_000)
