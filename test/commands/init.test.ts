import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import ConfigExplain from '../../src/commands/config/explain.js'
import Init from '../../src/commands/init.js'
import { captureCommand } from '../support/capture-command.js'
import { workingFolder } from '../support/working-folder.js'

const init = (...argv: string[]) => captureCommand(Init, 'init', ...argv)

test('writes a file that is right, with what was asked for', async () => {
  const folder = await workingFolder()
  const file = join(folder, 'rental-etl.yml')
  expect(await init('--source', 'csv:my exports', '--home', 'wh')).toMatchObject({ stdout: `wrote ${file}\n`, code: 0 })
  const explained = async (key: string) =>
    (await captureCommand(ConfigExplain, 'config:explain', key)).stdout.split('   ')[0]
  expect([await explained('source'), await explained('home')]).toEqual(['* csv:my exports', '* wh'])
})

test('never replaces one', async () => {
  const folder = await workingFolder()
  const file = join(folder, 'rental-etl.yml')
  await writeFile(file, 'targets: {}\n')
  expect(await init()).toEqual({
    stdout: '',
    stderr: `error: ${file} is there already; nothing was changed\n  try: rental-etl doctor\n`,
    code: 64,
  })
  expect(await readFile(file, 'utf8')).toBe('targets: {}\n')
})

test('a source that is none, or holds a password, writes nothing', async () => {
  const folder = await workingFolder()
  expect((await init('--source', 'foo')).stderr.split('\n')[0]).toBe(
    'error: --source: "foo" is no source; it takes csv:DIR, mysql://user@host/database or sample[:scale]',
  )
  const secret = await init('--source', 'mysql://user:secret@host/db', '--json')
  expect([secret.code, `${secret.stdout}${secret.stderr}`.includes('secret')]).toEqual([64, false])
  await expect(readFile(join(folder, 'rental-etl.yml'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('as JSON', async () => {
  const folder = await workingFolder()
  const { stdout, code } = await init('--json')
  expect([code, JSON.parse(stdout).result]).toEqual([0, { path: join(folder, 'rental-etl.yml') }])
})
