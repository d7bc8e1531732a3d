import { join } from 'node:path'
import { expect, test } from 'vitest'
import Run from '../../src/commands/run.js'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { captureCommand } from '../support/capture-command.js'
import { smallSource } from '../support/small-warehouse.js'
import { temporaryFolder } from '../support/temporary.js'
import { workingFolder } from '../support/working-folder.js'

// At night the flag is forgotten, and the made-up sample would be loaded over real rows.
test('a run that falls back to another source than the last one was given says so', async () => {
  await workingFolder({ 'rental-etl.yml': 'targets:\n  local:\n    source: sample:0.01\n' })
  const folder = await temporaryFolder()
  const source = `csv:${join(folder, 'source')}`
  const home = join(folder, 'home')
  await writeSample(join(folder, 'source'), { scale: 0.01, seed: 1, dirt: 0, signal: new AbortController().signal })
  const run = async (...argv: string[]): Promise<string[]> =>
    JSON.parse((await captureCommand(Run, 'run', '--home', home, '--json', ...argv)).stdout).warnings
  expect(await run('--source', source, '--name', 'first')).toEqual([])
  expect(await run('--source', source)).toEqual([])
  expect(await run('--source', source, '--to', 'extract', '--name', 'last')).toEqual([])
  expect((await run())[0]).toBe(
    `this run reads sample:0.01; run last read ${source}: --source ${source} for that one, and rental-etl init --source ${source} to keep it`,
  )
})

test('bad rows are told in each run, not only in the one that found them', async () => {
  await workingFolder()
  const folder = await temporaryFolder()
  await smallSource(join(folder, 'source'))
  const place = ['--home', join(folder, 'home'), '--source', `csv:${join(folder, 'source')}`]
  const told = 'bad rows of the source are not in raw: bookings 2; rental-etl quarantine lists them'
  // Of extract alone nothing is in the warehouse yet.
  const extract = await captureCommand(Run, 'run', '--to', 'extract', ...place)
  expect([extract.code, extract.stderr.includes('bad rows')]).toEqual([0, false])
  for (const _ of [1, 2]) {
    const { code, stderr } = await captureCommand(Run, 'run', ...place)
    expect([code, stderr.split('\n').filter((line) => line.includes('bad rows'))]).toEqual([0, [`warning: ${told}`]])
  }
  expect(JSON.parse((await captureCommand(Run, 'run', '--json', ...place)).stdout).warnings).toContain(told)
})
