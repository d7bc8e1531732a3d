import { expect, test, vi } from 'vitest'
import ConfigExplain from '../../../src/commands/config/explain.js'
import { SETTING_KEYS } from '../../../src/lib/core/config/settings.js'
import { captureCommand } from '../../support/capture-command.js'
import { workingFolder } from '../../support/working-folder.js'

const YAML = `target: nightly
targets:
  nightly:
    kind: local
    source: csv:exports
    guards:
      max_deleted: 0.1
`
const explain = (...argv: string[]) => captureCommand(ConfigExplain, 'config:explain', ...argv)

/** What is printed, with the folder left out. */
async function lines(folder: string, ...argv: string[]): Promise<unknown[]> {
  const { stdout, stderr, code } = await explain(...argv)
  return [code, stderr, ...stdout.replaceAll(folder, 'FOLDER').split('\n').slice(0, -1)]
}

test('flag, environment, target, default, in this order', async () => {
  const folder = await workingFolder({ 'rental-etl.yml': YAML })
  const where = 'FOLDER/rental-etl.yml:5 targets.nightly.source'
  expect(await lines(folder, 'source')).toEqual([0, '', `* csv:exports   ${where}`, '  sample   default'])
  vi.stubEnv('RENTAL_ETL_SOURCE', 'sample:2')
  expect(await lines(folder, 'source')).toEqual([
    ...[0, '', '* sample:2   RENTAL_ETL_SOURCE', `  csv:exports   ${where}`, '  sample   default'],
  ])
  expect(await lines(folder, 'source', '--source', 'csv:other')).toEqual([
    ...[
      0,
      '',
      '* csv:other   --source',
      '  sample:2   RENTAL_ETL_SOURCE',
      `  csv:exports   ${where}`,
      '  sample   default',
    ],
  ])
})

test('the file is looked for, and its target taken, for every setting', async () => {
  const folder = await workingFolder({ 'rental-etl.yml': YAML })
  const of = (key: string, ...argv: string[]) => lines(folder, key, ...argv)
  expect(await of('target')).toEqual([0, '', '* nightly   FOLDER/rental-etl.yml:1 target', '  local   default'])
  expect(await of('guards.max_deleted')).toEqual([
    ...[0, '', '* 0.1   FOLDER/rental-etl.yml:7 targets.nightly.guards.max_deleted', '  0.2   default'],
  ])
  expect(await of('guards.max_deleted', '--target', 'local')).toEqual([0, '', '* 0.2   default'])
  expect(await of('guards.max_deleted_min_rows')).toEqual([0, '', '* 1000   default'])
  expect(await of('guards.max_quarantined')).toEqual([0, '', '* 0.5   default'])
  expect(await of('home')).toEqual([0, '', '* .rental-etl   default'])
  expect(await of('as_of')).toEqual([0, '', '* (none)   default'])
  expect(await of('schedule')).toEqual([0, '', '* 0 2 * * *   default'])
})

test('a password of the environment is masked', async () => {
  const folder = await workingFolder()
  vi.stubEnv('RENTAL_ETL_SOURCE', 'mysql://user:secret@host:3306/rental_db')
  expect(await lines(folder, 'source')).toEqual([
    ...[0, '', '* mysql://user:***@host:3306/rental_db   RENTAL_ETL_SOURCE', '  sample   default'],
  ])
})

test('as JSON', async () => {
  await workingFolder()
  const { stdout, code } = await explain('home', '--home', 'there', '--json')
  expect([code, JSON.parse(stdout).result]).toEqual([
    0,
    {
      key: 'home',
      value: 'there',
      where: '--home',
      candidates: [
        { from: 'flag', where: '--home', value: 'there', wins: true },
        { from: 'default', where: 'default', value: '.rental-etl', wins: false },
      ],
    },
  ])
})

test('what is no setting, no target, or no configuration', async () => {
  const folder = await workingFolder({ 'rental-etl.yml': YAML })
  expect((await explain('hom')).stderr).toBe(
    `error: there is no setting hom; settings are ${SETTING_KEYS.join(', ')}\n  try: rental-etl config explain home\n`,
  )
  const unknown = await explain('home', '--target', 'nihgtly')
  expect([unknown.code, unknown.stderr.split('\n')[0]]).toEqual([
    64,
    `error: there is no target nihgtly (--target): targets of ${folder}/rental-etl.yml are nightly, local`,
  ])
  const broken = await workingFolder({ 'rental-etl.yml': YAML.replace('source:', 'sorce:') })
  const { code, stderr } = await explain('home')
  expect([code, stderr.split('\n')[0]]).toEqual([
    65,
    `error: ${broken}/rental-etl.yml:5: there is no key targets.nightly.sorce; the nearest is source`,
  ])
})
