import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isSample, writeSample } from '../../../../src/lib/adapters/files/sample/index.js'
import { homePaths } from '../../../../src/lib/adapters/local/home/paths.js'
import { createSource } from '../../../../src/lib/adapters/source/create-source.js'
import { temporaryFolder } from '../../../support/temporary.js'

const signal = new AbortController().signal

test('a folder of CSV files, as the configuration names it', async () => {
  const folder = join(await temporaryFolder(), 'csv')
  await writeSample(folder, { scale: 0.001 })
  const open = await createSource({ kind: 'csv', folder }, { home: '/nowhere' }).open(await temporaryFolder(), signal)
  expect(open.bytes).toBeGreaterThan(1000)
  await open.close()
})

test('a sample is kept in the home, unless the home is not to be touched', async () => {
  const home = await temporaryFolder()
  const spec = { kind: 'sample', scale: 0.001 } as const
  const looking = await createSource(spec, { home, readOnly: true }).open(await temporaryFolder(), signal)
  await looking.close()
  expect(await readdir(home)).toEqual([])
  const reading = await createSource(spec, { home }).open(await temporaryFolder(), signal)
  await reading.close()
  expect(await isSample(homePaths(home).sample(0.001), 0.001)).toBe(true)
})
