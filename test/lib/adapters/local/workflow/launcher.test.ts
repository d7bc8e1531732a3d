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

test('a process of its own gets the words, and what it prints is kept; a run that began leaves its folder', async () => {
  const launcher = await launcherOf(
    `import { writeFileSync } from 'node:fs'
    writeFileSync(process.argv[2] + '/request.json', '{}')
    console.log(JSON.stringify(process.argv.slice(3)))
    console.error('é')
    process.exitCode = 3`,
  )
  const folder = join(launcher.home, 'runs', 'r-1')
  const { pid, ended } = await launcher.launch('r-1', [folder, 'run', '--as-of', '2025-03-24', 'two words'])
  expect(pid).toBeGreaterThan(0)
  expect(pid).not.toBe(process.pid)
  const output = '["run","--as-of","2025-03-24","two words"]\né\n'
  expect(await ended).toEqual({ code: 3, output })
  expect(await readFile(join(folder, 'detached.log'), 'utf8')).toBe(output)
})

test('one that did not begin leaves nothing behind', async () => {
  const launcher = await launcherOf(`console.log('no'); process.exit(66)`)
  const { ended } = await launcher.launch('r-1', [])
  expect(await ended).toEqual({ code: 66, output: 'no\n' })
  expect(existsSync(join(launcher.home, 'runs', 'r-1'))).toBe(false)
})

test('one that a signal ended is told as a bug', async () => {
  const launcher = await launcherOf(`process.kill(process.pid, 'SIGKILL')`)
  expect(await (await launcher.launch('r-1', [])).ended).toEqual({ code: 70, output: '' })
})

test('a home in which nothing can be made', async () => {
  const blocked = join(await temporaryFolder(), 'file')
  await writeFile(blocked, '')
  await expect(new LocalLauncher(blocked, 'script.mjs').launch('r-1', [])).rejects.toMatchObject({ code: 'ENOTDIR' })
})
