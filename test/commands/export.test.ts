import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import Export from '../../src/commands/export.js'
import { captureCommand } from '../support/capture-command.js'
import { smallWarehouse } from '../support/small-warehouse.js'
import { temporaryFolder } from '../support/temporary.js'

const { home } = smallWarehouse()

test('export writes a file, and replaces it only with --yes', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'x.csv')
  const argv = ['curated.build', '--to', file, '--home', home()]
  expect(await captureCommand(Export, 'export', ...argv)).toEqual({
    stdout: `1 row of curated.build written to ${file}\n`,
    stderr: '',
    code: 0,
  })
  expect(readFileSync(file, 'utf8')).toBe('run_id,as_of,raw_seq\nr2,2025-03-24,2\n')
  expect((await captureCommand(Export, 'export', ...argv)).code).toBe(64)
  const again = await captureCommand(Export, 'export', ...argv, '--yes', '--json')
  expect(JSON.parse(again.stdout).result).toEqual({ relation: 'curated.build', file, format: 'csv', rows: 1 })
  expect(readdirSync(folder)).toEqual(['x.csv'])
})

test('export of what is not there writes nothing', async () => {
  const file = join(await temporaryFolder(), 'x.csv')
  expect((await captureCommand(Export, 'export', 'curated.bild', '--to', file, '--home', home())).code).toBe(66)
  expect((await captureCommand(Export, 'export', 'curated.build', '--to', `${file}.zip`, '--home', home())).code).toBe(
    64,
  )
  expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false])
})
