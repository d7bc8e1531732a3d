import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LocalLauncher } from '../../../../../src/lib/adapters/local/workflow/launcher.js'
import { temporaryFolder } from '../../../../support/temporary.js'

async function launcherOf(script: string): Promise<LocalLauncher> {
  const home = join(await temporaryFolder(), 'home')
  const path = join(await temporaryFolder(), 'script.mjs')
  await writeFile(path, script)
  return new LocalLauncher(home, path)
}

const never = new AbortController().signal

test('a process of its own gets the words, and what it prints is kept; a run that began leaves its folder', async () => {
  const launcher = await launcherOf(
    `import { writeFileSync } from 'node:fs'
    console.log(JSON.stringify(process.argv.slice(3)))
    console.error('é')
    writeFileSync(process.argv[2] + '/request.json', '{}')
    process.exitCode = 3`,
  )
  const folder = join(launcher.home, 'runs', 'r-1')
  await launcher.launch('r-1', [folder, 'run', '--as-of', '2025-03-24', 'two words'], never)
  const output = '["run","--as-of","2025-03-24","two words"]\né\n'
  expect(await readFile(join(folder, 'detached.log'), 'utf8')).toBe(output)
})

test('one that could not begin fails as its process said, and leaves nothing behind', async () => {
  const error = { code: 'LOCKED', message: 'run r-0 is going on', suggestions: ['rental-etl watch r-0'] }
  const launcher = await launcherOf(`console.log('${JSON.stringify({ status: 'error', error })}'); process.exit(75)`)
  await expect(launcher.launch('r-1', [], never)).rejects.toMatchObject({ ...error, exit: 'locked' })
  expect(existsSync(join(launcher.home, 'runs', 'r-1'))).toBe(false)
})

test('also when it said nothing that can be read, and when a signal ended it', async () => {
  const said = await launcherOf(`console.log('no'); process.exit(66)`)
  await expect(said.launch('r-1', [], never)).rejects.toMatchObject({
    exit: 'bug',
    message: 'run r-1 could not begin: its process ended with exit code 66: no',
  })
  const killed = await launcherOf(`process.kill(process.pid, 'SIGKILL')`)
  await expect(killed.launch('r-1', [], never)).rejects.toMatchObject({
    exit: 'bug',
    message: 'run r-1 could not begin: its process ended with exit code 70: ',
  })
})

test('waiting for it to begin can be stopped', async () => {
  const launcher = await launcherOf(`setTimeout(() => undefined, 2000)`)
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('Ctrl-C')), 100)
  await expect(launcher.launch('r-1', [], stop.signal)).rejects.toMatchObject({ name: 'AbortError' })
})

test('a home in which nothing can be made', async () => {
  const blocked = join(await temporaryFolder(), 'file')
  await writeFile(blocked, '')
  await expect(new LocalLauncher(blocked, 'script.mjs').launch('r-1', [], never)).rejects.toMatchObject({ code: 'IO' })
})
