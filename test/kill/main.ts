import { parseArgs } from 'node:util'
import { killRuns } from './harness.js'

// npm run test:kill -- --runs N [--seed S] [--step N] [--lanes N]: kills the tool at random moments and at named points.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
    step: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    scale: { type: 'string', default: '0.02' },
    days: { type: 'string', default: '5' },
  },
})
process.on('SIGINT', () => process.exit(130))
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const number = (name: keyof typeof values): number => {
  const value = Number(values[name])
  if (Number.isFinite(value) && value >= 0) return value
  process.stderr.write(`--${name} ${values[name]} is no number\n`)
  process.exit(64)
}
const seed = number('seed')
const runs = values.step === undefined ? number('runs') : number('step')
say(`${runs} runs, seed ${seed}`)
const begin = performance.now()
let steps = 0
const { passed, failures, points, orphans } = await killRuns({
  runs,
  seed,
  lanes: number('lanes'),
  scale: number('scale'),
  days: number('days'),
  ...(values.step === undefined ? {} : { step: number('step') }),
  onStep: () => {
    if (++steps % 50 === 0) say(`${steps} of ${runs}, ${Math.round((performance.now() - begin) / 1000)} s`)
  },
  onFailure: ({ step, story, problems, kept }) => {
    say(`✗ step ${step}: ${story}`)
    for (const problem of problems) say(`    ${problem}`)
    say(`    repeat: npm run test:kill -- --seed ${seed} --step ${step}   # the home is kept in ${kept}`)
  },
})
say('killed at:')
for (const [point, hits] of points.table()) say(`${String(hits).padStart(6)}  ${point}`)
if (points.missed().length > 0) say(`never killed at: ${points.missed().join(', ')}`)
say(
  `${points.kills} kills, ${points.endedBefore} commands ended before; ${Math.round((performance.now() - begin) / 1000)} s`,
)
const kinds = Map.groupBy(orphans, (path) =>
  path
    .split('/')
    .slice(0, 2)
    .join('/')
    .replace(/^runs.*/, 'runs'),
)
for (const [kind, paths] of kinds)
  say(`left for good: ${paths.length} folders under ${kind}/ that no run owns, e.g. ${paths[0]}`)
say(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length > 0 ? 1 : 0
