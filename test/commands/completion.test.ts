import { expect, test } from 'vitest'
import Completion from '../../src/commands/completion.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'
import { workingFolder } from '../support/working-folder.js'

const { home } = smallHome()
const completion = (...argv: string[]) => captureCommand(Completion, 'completion', ...argv)

/** The words that can stand at the end of a line; the last one is being typed. */
async function words(line: string): Promise<string[]> {
  const { stdout, code } = await completion('--words', '--', ...line.split(' '))
  expect(code).toBe(0)
  return stdout.split('\n').slice(0, -1)
}

test('commands, flags, and the words that a flag or an argument takes', async () => {
  await workingFolder()
  expect(await words('me')).toEqual(['metrics'])
  expect(await words('runs ')).toEqual(['prune', 'show'])
  expect(await words('metrics occ')).toEqual(['occupancy'])
  expect(await words('metrics occupancy --mo')).toEqual(['--month'])
  expect(await words('rerun ')).toEqual(['curated', 'extract', 'raw'])
  expect(await words('runs --status s')).toEqual(['succeeded'])
  expect(await words('config explain guards.max_d')).toEqual(['guards.max_deleted', 'guards.max_deleted_min_rows'])
  expect(await words('bookmarks reset b')).toEqual(['bookings'])
  expect(await words('bookmarks re')).toEqual(['reset', 'restore', 'rewind'])
})

test('run ids of the home that the line names', async () => {
  await workingFolder()
  expect(await words(`bookmarks rewind --home ${home()} --to-run f`)).toEqual(['first'])
  expect(await words(`runs show --home ${home()} `)).toEqual([
    '@-2',
    '@failed',
    '@latest',
    '@running',
    'first',
    'second',
  ])
  expect(await words(`logs --home=${home()} s`)).toEqual(['second'])
  expect(await words('logs s')).toEqual([])
})

test.each(['bash', 'zsh', 'fish'])('a script for %s', async (shell) => {
  const { stdout, stderr, code } = await completion(shell)
  expect([code, stderr, stdout.includes('rental-etl completion --words -- ')]).toEqual([0, '', true])
})

test('targets of the configuration, relations, scopes, and where the shell completes files', async () => {
  await workingFolder({ 'rental-etl.yml': 'targets:\n  trial: {}\n' })
  expect(await words('run --target ')).toEqual(['local', 'trial'])
  expect(await words('-t trial run --target=t')).toEqual(['--target=trial'])
  expect(await words('verify --scope rules,v')).toEqual(['rules,views'])
  expect(await words('tables fact_')).toEqual(['fact_bookings', 'fact_user_views'])
  expect(await words('export presentation.vw_o')).toEqual(['presentation.vw_occupancy_rate_monthly'])
  expect(await words('run --home ')).toEqual([':folders'])
  expect(await words('query -f ')).toEqual([':files'])
})

test('what is no shell', async () => {
  const { code, stderr } = await completion('tcsh')
  expect([code, stderr]).toEqual([
    64,
    'error: there is no completion for tcsh; it is for bash, zsh, fish\n  try: rental-etl completion bash\n',
  ])
})
