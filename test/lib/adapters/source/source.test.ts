import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeSample } from '../../../../src/lib/adapters/files/sample/index.js'
import { CsvSource } from '../../../../src/lib/adapters/source/csv/csv-source.js'
import { SampleSource } from '../../../../src/lib/adapters/source/sample-source.js'
import { SOURCE_TABLES } from '../../../../src/lib/core/model.js'
import { type SourceHarness, sourceContract } from '../../../contract/source.js'
import { strictCsv } from '../../../support/strict-csv.js'
import { temporaryFolder } from '../../../support/temporary.js'

const SCALE = 0.002

/** A folder of CSV files, as a harness knows it. */
async function harness(folder: string, source: SourceHarness['source']): Promise<SourceHarness> {
  const pathOf = (name: string): string => join(folder, `${name}.csv`)
  const rows = await Promise.all(
    SOURCE_TABLES.map(async ({ name }) => {
      const [header, ...rest] = strictCsv(await readFile(pathOf(name), 'utf8')) ?? []
      return [name, { header, rows: rest }]
    }),
  )
  return {
    source,
    rows: Object.fromEntries(rows),
    change: (table) => appendFile(pathOf(table), '\n'),
    addMisfit: async (table) => {
      const text = await readFile(pathOf(table), 'utf8')
      await appendFile(pathOf(table), `x,y\n`)
      return text.split('\n').length
    },
  }
}

sourceContract('a folder of CSV files', async () => {
  const folder = join(await temporaryFolder(), `it's [a] source, id=7`)
  await writeSample(folder, { scale: SCALE, seed: 7, dirt: 0.1 })
  return harness(folder, new CsvSource(folder))
})

sourceContract('the sample', async () => {
  const folder = join(await temporaryFolder(), 'sample')
  await writeSample(folder, { scale: SCALE })
  return harness(folder, new SampleSource({ scale: SCALE, folder }))
})
