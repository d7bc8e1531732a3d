import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CreateJobCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../box/keeper.js'
import { temporaryFolder } from '../support/temporary.js'
import { type Box, startBox } from './box.js'
import { provision } from './provision.js'
import { Bucket, isRunning, roleOf, settings } from './support.js'

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const TYPESCRIPT = ['--import', pathOf('../fixtures/typescript.mjs')]

test('every private name that the box hooks into is there, and each one that it uses is on the list', async () => {
  const { server } = await provision()
  const env = { ...process.env, PYTHONPATH: pathOf('.'), PYTHONDONTWRITEBYTECODE: '1' }
  const ask = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(server, args, { env })).stdout.trim()
  expect(await ask('-c', 'from server import hooks; print(hooks.missing())')).toBe('[]')
  const without =
    'from server import hooks; from ministack.services import glue; del glue._jobs; print(hooks.missing())'
  expect(await ask('-c', without)).toBe("['ministack.services.glue._jobs']")
  expect(await ask(pathOf('hooked.py'))).toBe('[]')
  const more = 'from ministack.services import glue as base; base._crawlers'
  expect(await ask(pathOf('hooked.py'), more)).toBe("['ministack.services.glue._crawlers']")
})

/** Processes whose environment or command line names the folder. */
function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isRunning(Number(name)))
    .filter((pid) =>
      ['cmdline', 'environ'].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(folder)
        } catch {
          return false
        }
      }),
    )
    .map(Number)
}

/** Starts a job that has a process of its own, and waits until both run. */
async function busy(box: Box): Promise<void> {
  const script = 'import subprocess\nsubprocess.run(["sleep", "3600"])\n'
  const ScriptLocation = await (await new Bucket(box, 'code').create()).put('slow.py', script)
  const glue = new GlueClient(settings(box))
  const Command = { Name: 'pythonshell', ScriptLocation }
  await glue.send(new CreateJobCommand({ Name: 'slow', Role: roleOf(box, 'glue'), Command }))
  await glue.send(new StartJobRunCommand({ JobName: 'slow' }))
  await vi.waitFor(() => expect(sleepers(box.folder)).toHaveLength(1), 15_000)
}

const sleepers = (folder: string): number[] =>
  processesOf(folder).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep\x003600'))

async function nothingLeft(folder: string): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100))
    if (processesOf(folder).length === 0 && (await readdir(folder)).length === 0) return
  expect(processesOf(folder)).toEqual([])
  expect(await readdir(folder)).toEqual([])
}

test('a box that ends leaves no process and no folder, though a job of it runs', async () => {
  const folder = await temporaryFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const box = await startBox()
  await busy(box)
  expect(processesOf(folder).length).toBeGreaterThan(5)
  await box[Symbol.asyncDispose]()
  vi.unstubAllEnvs()
  await nothingLeft(folder)
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  '%s to the process that started it leaves nothing either',
  async (signal) => {
    const folder = await temporaryFolder()
    const script = `import { startBox } from ${JSON.stringify(pathOf('box.ts'))}
    const box = await startBox(); const { mariadb, ...rest } = box; console.log(JSON.stringify(rest)); setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, [...TYPESCRIPT, '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [line] = await once(createInterface({ input: parent.stdout }), 'line')
    await busy(JSON.parse(line) as Box)
    parent.kill(signal)
    await nothingLeft(folder)
  },
)

test('the emulator that is killed takes its jobs with it', async () => {
  const box = await startBox()
  try {
    await busy(box)
    const [sleeper = 0] = sleepers(box.folder)
    process.kill(box.pid, 'SIGKILL')
    await vi.waitFor(() => expect(isRunning(sleeper)).toBe(false), 10_000)
  } finally {
    await box[Symbol.asyncDispose]()
  }
})

test('a port that somebody else took first is let be', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  // The emulator is the first to choose, and the databases come next.
  const order = [port, port, port]
  const ports = vi.fn(async () => order.shift() || (await freePort()))
  await using box = await startBox({ ports })
  expect(order).toEqual([])
  expect([new URL(box.endpoint).port, `${box.mysql.port}`]).not.toContain(`${port}`)
})

test('two stand side by side, each with its own state', async () => {
  await using one = await startBox()
  await using other = await startBox()
  expect(one.endpoint).not.toBe(other.endpoint)
  const mine = await new Bucket(one, 'same').create()
  const theirs = await new Bucket(other, 'same').create()
  await mine.put('a', 'one')
  await expect(theirs.get('a')).rejects.toMatchObject({ name: 'NoSuchKey' })
  await one.mariadb.admin(`create table ${one.mysql.database}.t (id int)`)
  await expect(other.mariadb.admin(`select * from ${other.mysql.database}.t`)).rejects.toThrow(/doesn't exist/)
})

test('up, status and down', async () => {
  const folder = await temporaryFolder()
  const env = { ...process.env, TMPDIR: folder }
  const box = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [...TYPESCRIPT, pathOf('main.ts'), ...args], { env })).stdout
  expect(await box('status')).toBe('no box is up\n')
  const [, endpoint = ''] = /AWS_ENDPOINT_URL=(\S+)/.exec(await box('up', '--name', 'mine')) ?? []
  expect((await fetch(`${endpoint}/_box/ready`)).status).toBe(200)
  expect(await box('status')).toContain(`mine\t${endpoint}\tauth off`)
  await expect(box('up', '--name', 'mine')).rejects.toThrow(/is up/)
  expect(await box('down', '--name', 'mine')).toBe('mine is down\n')
  await nothingLeft(folder)
  expect(await box('down')).toBe('no box named box is up\n')
})
