import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isThere } from '../box/cache.js'
import { type Place, PREFIX, startBox } from './box.js'

// `npm run box -- up|down|status`: boxes that stay until they are ended, to try things by hand.

interface Standing extends Place {
  pid: number
  auth: boolean
  name: string
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string', default: 'box' }, auth: { type: 'boolean', default: false } },
})
const { name, auth } = values
const [command = ''] = positionals
const does: Record<string, () => Promise<void>> = { up, down, status, hold }
if (!does[command] || !/^[a-z0-9]+$/.test(name)) {
  console.error('usage: npm run box -- up [--name NAME] [--auth] | down [--name NAME] | status')
  process.exit(64)
}
await does[command]()

async function standing(): Promise<Standing[]> {
  const found: Standing[] = []
  for (const folder of await readdir(tmpdir())) {
    if (!folder.startsWith(PREFIX)) continue
    const text = await readFile(join(tmpdir(), folder, 'box.json'), 'utf8').catch(() => undefined)
    if (text)
      found.push({ ...(JSON.parse(text) as Standing), name: folder.slice(PREFIX.length).replace(/-[^-]*$/, '') })
  }
  return found
}

async function up(): Promise<void> {
  if ((await standing()).some((box) => box.name === name)) throw new Error(`a box named ${name} is up`)
  const args = [
    ...process.execArgv,
    fileURLToPath(import.meta.url),
    'hold',
    '--name',
    name,
    ...(auth ? ['--auth'] : []),
  ]
  const holder = spawn(process.execPath, args, { stdio: 'ignore', detached: true })
  for (;;) {
    const box = (await standing()).find((box) => box.name === name)
    if (box) {
      show(box)
      break
    }
    if (holder.exitCode !== null) throw new Error('the box does not start: npm run box:setup says more')
    await sleep(100)
  }
  holder.unref()
}

async function down(): Promise<void> {
  const box = (await standing()).find((box) => box.name === name)
  if (!box) return console.log(`no box named ${name} is up`)
  process.kill(box.pid, 'SIGTERM')
  const there = async (): Promise<boolean> => isRunning(box.pid) || (await isThere(box.folder))
  for (const end = Date.now() + 30_000; Date.now() < end && (await there()); ) await sleep(50)
  console.log((await there()) ? `${name} does not end: pid ${box.pid}, ${box.folder}` : `${name} is down`)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function status(): Promise<void> {
  const boxes = await standing()
  if (boxes.length === 0) console.log('no box is up')
  for (const { name, endpoint, auth, pid, folder } of boxes)
    console.log(`${name}\t${endpoint}\tauth ${auth ? 'on' : 'off'}\tpid ${pid}\t${folder}`)
}

/** Holds a box until it is told to end. */
async function hold(): Promise<void> {
  await using _box = await startBox({ name, auth })
  const alive = setInterval(() => undefined, 1 << 30)
  await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, resolve)
  })
  clearInterval(alive)
}

function show({ env, mysql, folder }: Standing): void {
  for (const [key, value] of Object.entries(env)) console.log(`export ${key}=${value}`)
  console.log(`# MySQL: mysql://${mysql.user}:${mysql.password}@${mysql.host}:${mysql.port}/${mysql.database}`)
  console.log(`# more in ${join(folder, 'box.json')}; it ends by: npm run box -- down --name ${name}`)
}
