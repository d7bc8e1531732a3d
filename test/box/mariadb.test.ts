import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { temporaryFolder } from '../support/temporary.js'
import { startMariadb } from './mariadb.js'

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

test('its data outlive a restart and a crash; its end leaves nothing', async () => {
  const folder = await temporaryFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const server = await startMariadb()
  const pid = await pidIn(folder)
  await server.admin('create database d', 'create table d.t (id int primary key)', 'insert into d.t values (1)')
  await server.restart()
  await server.admin('insert into d.t values (2)')
  // A crash may lose the last second.
  await sleep(1200)
  await server.crash()
  await expect(server.admin('select 1')).rejects.toThrow(/ECONNREFUSED|ENOENT/)
  await server.start()
  expect(await server.admin('select id from d.t')).toEqual([{ id: 1 }, { id: 2 }])
  await server[Symbol.asyncDispose]()
  expect(isThere(pid)).toBe(false)
  expect(await readdir(folder)).toEqual([])
})

test('a parent that is killed leaves no server and no folder', async () => {
  const folder = await temporaryFolder()
  const script = `import { startMariadb } from ${JSON.stringify(pathOf('mariadb.ts'))}; await startMariadb(); console.log('up'); setInterval(() => {}, 1000)`
  const parent = spawn(
    process.execPath,
    ['--import', pathOf('../fixtures/typescript.mjs'), '--input-type=module', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: folder } },
  )
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line] = await once(createInterface({ input: parent.stdout }), 'line')
  expect(line).toBe('up')
  const pid = await pidIn(folder)
  expect(isThere(pid)).toBe(true)
  parent.kill('SIGKILL')
  for (const end = Date.now() + 15_000; Date.now() < end && (isThere(pid) || (await readdir(folder)).length > 0); )
    await sleep(50)
  expect(isThere(pid)).toBe(false)
  expect(await readdir(folder)).toEqual([])
})

async function pidIn(folder: string): Promise<number> {
  const [name = ''] = await readdir(folder)
  return Number(await readFile(join(folder, name, 'pid'), 'utf8'))
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
