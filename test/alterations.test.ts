import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import Run from '../src/commands/run.js'
import Sample from '../src/commands/sample.js'
import Verify from '../src/commands/verify.js'
import { EXIT } from '../src/lib/core/errors.js'
import { ALTERATIONS, type Alteration, alter, EVERY_RULE_OFF } from './support/alterations.js'
import { captureCommand } from './support/capture-command.js'
import { type Scratch, scratchFolder } from './support/temporary.js'
import { workingFolder } from './support/working-folder.js'

/** Every n-th is tried; ALTERATIONS=1 tries all of them, ALTERATIONS_ONLY=REGEXP those of a name. */
const EACH = Number(process.env['ALTERATIONS'] ?? 20)

let scratch: Scratch
let rules: string[] = []
beforeAll(async () => {
  scratch = await scratchFolder()
  rules = (await readdir(new URL('../sql/checks/', import.meta.url))).map((name) => name.replace('.sql', ''))
})
afterAll(() => scratch[Symbol.asyncDispose]())

const at = (name: string): string => join(scratch.path, name)

async function loaded(): Promise<void> {
  const type = async (command: unknown, id: string, ...words: string[]): Promise<void> => {
    const { code, stderr } = await captureCommand(command, id, ...words)
    expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
  }
  const history = at('history')
  await type(Sample, 'sample', history, '--scale', '0.02', '--days', '2', '--dirt', '0.05')
  const run = (home: string, day: string, ...more: string[]): Promise<void> =>
    type(Run, 'run', '--home', at(home), '--source', `csv:${join(history, day)}`, '--as-of', '2026-07-01', ...more)
  await run('level', 'day00')
  await run('level', 'day01')
  await cp(at('level'), at('ahead'), { recursive: true })
  await run('ahead', 'day02', '--to', 'raw')
}

/** Exit code and verdict of `verify` on a home that was altered. */
async function verdict(alteration: Alteration, origin: string): Promise<string> {
  const home = at('tried')
  await rm(home, { recursive: true, force: true })
  await cp(at(origin), home, { recursive: true })
  if (!(await alter(home, alteration))) return alteration.expected
  const { code, stdout } = await captureCommand(Verify, 'verify', '--home', home, '--json')
  if ([EXIT.failed, EXIT.io, EXIT.invalid].some((red) => red === code)) return 'red'
  if (code !== 0) return `exit ${code}: ${stdout.slice(0, 300)}`
  // That the rules are off is a warning by itself.
  const { checks, ledger } = JSON.parse(stdout).result as { checks: { status: string; sql: string }[]; ledger: [] }
  const told = [...checks, ...ledger].filter(
    ({ status, sql }: { status: string; sql?: string }) =>
      status === 'warn' || (status === 'skip' && !sql?.includes('quality.yml') && origin === 'level'),
  )
  return told.length > 0 ? 'warn' : 'documented'
}

test('what somebody changes by hand is told by verify, also with every rule switched off', async () => {
  await workingFolder({ 'quality.yml': EVERY_RULE_OFF(rules) })
  await loaded()
  const only = process.env['ALTERATIONS_ONLY']
  const tried = ALTERATIONS.filter(({ name }, index) => (only ? new RegExp(only).test(name) : index % EACH === 0))
  const wrong: string[] = []
  for (const alteration of tried) {
    const told = await verdict(alteration, alteration.state === 'raw ahead' ? 'ahead' : 'level')
    // More than is asked for is no fault.
    const enough = { red: ['red'], warn: ['warn', 'red'], documented: ['documented', 'warn', 'red'] }
    if (!enough[alteration.expected].includes(told))
      wrong.push(`${alteration.name}: ${alteration.expected} expected, ${told}`)
  }
  expect(wrong).toEqual([])
  if (!only) expect(tried.length).toBeGreaterThan(EACH === 1 ? 200 : 12)
}, 600_000)
