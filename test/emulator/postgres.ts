import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { boxCache, isThere } from '../box/cache.js'
import { unpackedEnvironment } from '../box/debian.js'
import { freePort, type Kept, onFreePort, startKept } from '../box/keeper.js'

/** A PostgreSQL of its own, with a superuser named admin that needs no password. */
export interface Postgres extends AsyncDisposable {
  port: number
}

/** What costs time and is not what the tests are about. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'jit=off',
]
const NOBODY = 65534

/** @param pick chooses its port */
export async function startPostgres(root: string, pick = freePort): Promise<Postgres> {
  return await onFreePort((port) => startOn(root, port), pick)
}

async function startOn(root: string, port: number): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'rental-etl-postgres-'))
  let kept: Kept | undefined
  const end = async (): Promise<void> => {
    await kept?.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const data = join(folder, 'data')
    await run('cp', ['-a', `${await pristineData(root)}/.`, data])
    if (isRoot()) await chown(folder, NOBODY, NOBODY)
    const settings = [...SETTINGS, `unix_socket_directories=${folder}`].flatMap((setting) => ['-c', setting])
    const log = join(folder, 'log')
    const command = [...unprivileged(), await program(root, 'postgres'), '-D', data, '-p', `${port}`, ...settings]
    kept = await startKept(folder, command, { env: unpackedEnvironment(root), log, signal: 'INT' })
    await ready(kept, log)
    return { port, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

async function ready(kept: Kept, log: string): Promise<void> {
  for (const end = Date.now() + 30_000; ; await sleep(20)) {
    const text = await readFile(log, 'utf8')
    if (text.includes('database system is ready')) return
    if (Date.now() > end || kept.ended) throw new Error(`PostgreSQL does not start\n${text}`)
  }
}

/** A data folder as initdb makes it, made once: a copy is quicker. */
async function pristineData(root: string): Promise<string> {
  const kept = `${root}-data`
  if (await isThere(join(kept, 'PG_VERSION'))) return kept
  const made = await mkdtemp(join(boxCache(), 'making-data-'))
  if (isRoot()) await chown(made, NOBODY, NOBODY)
  const options = ['-U', 'admin', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C']
  const [command = '', ...args] = [...unprivileged(), await program(root, 'initdb'), '-D', made, ...options]
  await run(command, args, { env: unpackedEnvironment(root) })
  await rename(made, kept).catch(() => rm(made, { recursive: true, force: true }))
  return kept
}

const run = promisify(execFile)

/** Its folder is named by its version, which is another one where Debian's is not served. */
async function program(root: string, name: string): Promise<string> {
  const folder = join(root, 'usr/lib/postgresql')
  const [version = ''] = await readdir(folder)
  return join(folder, version, 'bin', name)
}

function isRoot(): boolean {
  return userInfo().uid === 0
}

/** PostgreSQL refuses to run as root. What it runs from may lie in a folder that only root may enter: that right it keeps. */
function unprivileged(): string[] {
  if (!isRoot()) return []
  const kept = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup']
  return ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...kept]
}
