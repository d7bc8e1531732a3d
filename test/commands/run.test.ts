import { join } from 'node:path'
import { expect, test } from 'vitest'
import Run from '../../src/commands/run.js'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { captureCommand } from '../support/capture-command.js'
import { temporaryFolder } from '../support/temporary.js'
import { workingFolder } from '../support/working-folder.js'

// At night the flag is forgotten, and the made-up sample would be loaded over real rows.
test('a run that falls back to another source than the last one was given says so', async () => {
  await workingFolder()
  const folder = await temporaryFolder()
  const source = `csv:${join(folder, 'source')}`
  const home = join(folder, 'home')
  await writeSample(join(folder, 'source'), { scale: 0.01, seed: 1, dirt: 0, signal: new AbortController().signal })
  const run = async (...argv: string[]): Promise<string[]> =>
    JSON.parse((await captureCommand(Run, 'run', '--home', home, '--json', ...argv)).stdout).warnings
  expect(await run('--source', source, '--name', 'first')).toEqual([])
  expect(await run('--source', source)).toEqual([])
  expect(await run('--source', source, '--to', 'extract', '--name', 'last')).toEqual([])
  expect(await run()).toEqual([
    `this run reads sample; run last read ${source}: --source ${source} for that one, and rental-etl init --source ${source} to keep it`,
  ])
})
