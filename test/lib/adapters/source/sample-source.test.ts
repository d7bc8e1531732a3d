import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isSample } from '../../../../src/lib/adapters/files/sample/index.js'
import { SampleSource } from '../../../../src/lib/adapters/source/sample-source.js'
import { temporaryFolder } from '../../../support/temporary.js'

const SCALE = 0.001
const signal = new AbortController().signal

async function firstName(source: SampleSource, work: string): Promise<string> {
  const open = await source.open(work, signal)
  try {
    for await (const { name } of open.tables()) return name
    throw new Error('no table')
  } finally {
    await open.close()
  }
}

test('a sample that is missing is made where it is kept, and read from there again', async () => {
  const folder = join(await temporaryFolder(), 'home', 'sample', '1')
  const work = await temporaryFolder()
  const source = new SampleSource({ scale: SCALE, folder })
  for (let time = 0; time < 2; time++) expect(await firstName(source, work)).toMatch(`${folder}/`)
  expect(await isSample(folder, SCALE)).toBe(true)
  expect(await readdir(work)).not.toContain('sample')
})

test('who only looks makes it among the scratch files, and takes the one that is kept where there is one', async () => {
  const home = await temporaryFolder()
  const folder = join(home, 'sample', '1')
  const work = await temporaryFolder()
  const source = new SampleSource({ scale: SCALE, folder, readOnly: true })
  expect(await firstName(source, work)).toMatch(`${join(work, 'sample')}/`)
  expect(await readdir(home)).toEqual([])
  await firstName(new SampleSource({ scale: SCALE, folder }), work)
  expect(await firstName(source, work)).toMatch(`${folder}/`)
})

test('an abort stops the making', async () => {
  const folder = join(await temporaryFolder(), 'sample')
  const stopped = AbortSignal.abort(new Error('stopped'))
  const source = new SampleSource({ scale: SCALE, folder })
  await expect(source.open(await temporaryFolder(), stopped)).rejects.toThrow('stopped')
  expect(await isSample(folder, SCALE)).toBe(false)
})

test('for the line of a record none is made', async () => {
  const home = await temporaryFolder()
  const folder = join(home, 'sample', '1')
  const wanted = { table: 'bookings', fields: ['x'], occurrence: 1 }
  const file = join(folder, 'bookings.csv')
  expect(await new SampleSource({ scale: SCALE, folder }).lineOf(wanted, signal)).toEqual({ file, line: undefined })
  expect(await readdir(home)).toEqual([])
})
