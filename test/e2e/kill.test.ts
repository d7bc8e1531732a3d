import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSampleHistory } from '../../src/lib/adapters/files/sample/index.js'
import { RELATIONS } from '../naive/index.js'
import { BIN, plainEnvironment } from '../support/cli.js'
import { readLedger, readRelations, runJobs } from '../support/pipeline.js'
import { scratchFolder } from '../support/temporary.js'

const POINTS = 14
const AS_OF = '2026-06-30'

/** A run in a process of its own, which is killed after a while. @returns milliseconds that it lived, and its exit code */
async function runFor(home: string, folder: string, ms: number): Promise<{ ms: number; code: number | null }> {
  const args = [BIN, 'run', '--source', `csv:${folder}`, '--home', home, '--as-of', AS_OF, '--json']
  const child = spawn(process.execPath, args, { stdio: 'ignore', env: plainEnvironment() })
  const begin = performance.now()
  const ended = once(child, 'exit') as Promise<[number | null]>
  const timer = Number.isFinite(ms) ? setTimeout(() => child.kill('SIGKILL'), ms) : undefined
  const [code] = await ended
  clearTimeout(timer)
  return { ms: performance.now() - begin, code }
}

test('killed at any moment, a run leaves a layer as it was or as it will be, and the next one ends as if nothing had been', async () => {
  await using scratch = await scratchFolder()
  const history = join(scratch.path, 'history')
  await writeSampleHistory(history, {
    scale: 0.05,
    seed: 11,
    dirt: 0.05,
    days: 1,
    signal: new AbortController().signal,
  })
  const [day0, day1] = [join(history, 'day00'), join(history, 'day01')]
  const before = join(scratch.path, 'before')
  await runJobs({ home: before, folder: day0, asOf: AS_OF, runId: 'first' })
  const after = join(scratch.path, 'after')
  await cp(before, after, { recursive: true })
  const whole = await runFor(after, day1, Number.POSITIVE_INFINITY)
  expect(whole.code).toBe(0)
  const states = { before: await readRelations(before, RELATIONS), after: await readRelations(after, RELATIONS) }
  expect(states.after).not.toEqual(states.before)

  let killed = 0
  for (let point = 0; point < POINTS; point++) {
    const home = join(scratch.path, `killed-${point}`)
    await cp(before, home, { recursive: true })
    const { code } = await runFor(home, day1, (whole.ms * (point + 1)) / POINTS)
    if (code === null) killed++
    const seen = await readRelations(home, RELATIONS)
    for (const [name, rows] of Object.entries(seen)) {
      // Of each relation all rows are of the one state or all of the other.
      const which = JSON.stringify(rows) === JSON.stringify(states.before[name]) ? states.before : states.after
      expect({ point, [name]: rows }).toEqual({ point, [name]: which[name] })
    }
    const { ledger } = await readLedger(home)
    expect(ledger.filter(({ status }) => status === 'fail')).toEqual([])
    const next = await runFor(home, day1, Number.POSITIVE_INFINITY)
    expect({ point, code: next.code }).toEqual({ point, code: 0 })
    expect(await readRelations(home, RELATIONS)).toEqual(states.after)
    expect((await readdir(home)).filter((file) => file.includes('.next'))).toEqual([])
    expect(await readdir(join(home, 'tmp'))).toEqual([])
  }
  // A machine so quick that nothing was killed would prove nothing.
  expect(killed).toBeGreaterThan(POINTS / 2)
}, 180_000)
