import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { boxCache } from '../box/cache.js'
import { type Kept, onFreePort, startKept } from '../box/keeper.js'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { classArchive } from './class-archive.js'
import { startPostgres } from './postgres.js'
import { type Parts, provision } from './provision.js'

export interface Options {
  /** Signatures are checked and policies decide. Without it, everyone may do everything. */
  auth?: boolean
  /** Names the folder under TMPDIR, for `npm run box -- status`. */
  name?: string
  /** How long the waits of a workflow last, as a part of their length (Retry, Wait). */
  waits?: number
  /** Seconds that stand for a minute of a Glue job's Timeout. */
  minute?: number
  /** The file that a training run writes its classes into. */
  training?: string
  /** Chooses the ports of its servers. */
  ports?: () => Promise<number>
}

/** What of the box needs no process to hold it: it stands in `box.json`, too. */
export interface Place {
  endpoint: string
  region: string
  account: string
  /** Of the box's root, as environment variables that every SDK and the AWS CLI read. */
  env: Record<string, string>
  /** Aurora: a database that is empty, and a user who may do all in it. */
  mysql: { host: string; port: number; user: string; password: string; database: string }
  folder: string
}

/** See `server/faults.py`. */
export interface Faults {
  throttle?: Record<string, number>
  refuse?: string[]
  expired?: string[]
  statement?: { at?: number; error?: string }
  job?: { mode: 'hang' | 'kill'; job?: string; when?: string }
}

export interface Call {
  at: number
  /** As IAM names it: `glue:StartJobRun`, `s3:PutObject`. */
  action: string
  identity: string
  resource: string
  mutating: boolean
  /** How many statements a batch has. */
  statements?: number
  status?: number
}

export interface Box extends Place, AsyncDisposable {
  mariadb: Mariadb
  faults(faults: Faults): Promise<void>
  clearFaults(): Promise<void>
  /** All calls so far, or since they were last forgotten. */
  calls(): Promise<Call[]>
  forgetCalls(): Promise<void>
  /** Lets the schedule of a rule be due now. */
  fire(rule: string): Promise<void>
  /** The pid of the emulator itself, for tests that kill it. */
  pid: number
}

const HERE = fileURLToPath(new URL('.', import.meta.url))
const REGION = 'eu-west-1'
const ACCOUNT = '123456789012'
const DATABASE = 'rental_db'
const USER = 'etl'
export const PREFIX = 'rental-etl-box-'

/** Its servers end with the process that started it, however that ends, and their folders with them. */
export async function startBox(options: Options = {}): Promise<Box> {
  return await onFreePort((port) => startOn(port, options), options.ports)
}

async function startOn(port: number, options: Options): Promise<Box> {
  const parts = await provision()
  const archive = options.training ?? (await classArchive(parts))
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${options.name ?? 'test'}-`))
  const started: AsyncDisposable[] = [{ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }]
  try {
    const endpoint = `http://127.0.0.1:${port}`
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: `AKIABOX${randomBytes(6).toString('hex').toUpperCase()}X`,
      AWS_SECRET_ACCESS_KEY: randomBytes(20).toString('hex'),
      // What the user has for the real AWS stays out of it.
      AWS_SESSION_TOKEN: '',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    const source = async (): Promise<[Mariadb, Place['mysql']]> => {
      const mariadb = await note(startMariadb([], options.ports))
      const login = { user: USER, password: randomBytes(12).toString('hex'), database: DATABASE }
      const mysql = { host: '127.0.0.1', port: mariadb.port, ...login }
      await mariadb.admin(...sourceDatabase(mysql))
      return [mariadb, mysql]
    }
    const emulator = async (): Promise<number> => {
      const postgres = await note(startPostgres(parts.postgres, options.ports))
      const at = { port, postgres: postgres.port, folder, env }
      const kept = await startEmulator(parts, { ...options, archive }, at)
      await note({ [Symbol.asyncDispose]: () => kept.stop() })
      return await answers(kept, folder, endpoint)
    }
    const [[mariadb, mysql], pid] = await allOf(source(), emulator())
    const place: Place = { endpoint, region: REGION, account: ACCOUNT, env, mysql, folder }
    await writeFile(
      join(folder, 'box.json'),
      JSON.stringify({ ...place, pid: process.pid, auth: options.auth === true }),
    )
    return { ...place, mariadb, pid, ...control(endpoint), [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }

  async function note<T extends AsyncDisposable>(starting: T | Promise<T>): Promise<T> {
    const one = await starting
    started.push(one)
    return one
  }
  async function end(): Promise<void> {
    for (const one of started.splice(0).reverse()) await one[Symbol.asyncDispose]()
  }
}

/** Both to their end, also if one fails: what the other one started has to be ended, too. */
async function allOf<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other])
  return await Promise.all([one, other])
}

function sourceDatabase({ user, password, database }: Place['mysql']): string[] {
  const account = `'${user}'@'%'`
  return [
    `create database ${database}`,
    `create user ${account} identified by '${password}'`,
    `grant all on ${database}.* to ${account}`,
  ]
}

interface Start {
  port: number
  postgres: number
  folder: string
  env: Record<string, string>
}

async function startEmulator(parts: Parts, options: Options & { archive: string }, at: Start): Promise<Kept> {
  const temporary = join(at.folder, 'tmp')
  await mkdir(temporary)
  const env = {
    ...picked(process.env, ['PATH', 'HOME', 'LANG', 'JAVA_HOME', 'LOG_LEVEL']),
    ...at.env,
    TMPDIR: temporary,
    PYTHONPATH: HERE,
    PYTHONPYCACHEPREFIX: join(boxCache(), 'pycache'),
    PYTHONUNBUFFERED: '1',
    SFN_WAIT_SCALE: `${options.waits ?? 1}`,
    BOX_PORT: `${at.port}`,
    BOX_REGION: REGION,
    BOX_FOLDER: at.folder,
    BOX_AUTH: `${options.auth === true}`,
    BOX_POSTGRES_PORT: `${at.postgres}`,
    BOX_GLUE_PYTHON: parts.glue,
    BOX_JARS: parts.jars.join(':'),
    BOX_CLASS_ARCHIVE: options.archive,
    BOX_TRAINING: `${options.training !== undefined}`,
    BOX_MINUTE: `${options.minute ?? 60}`,
  }
  return await startKept(at.folder, [parts.server, '-P', '-m', 'server'], { env, log: join(at.folder, 'log') })
}

function picked(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

async function answers(emulator: Kept, folder: string, endpoint: string): Promise<number> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    const answer = await fetch(`${endpoint}/_box/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    const box = answer?.ok ? ((await answer.json()) as { pid: number; folder: string }) : undefined
    // Another one that came first answers on the same port.
    if (box?.folder === folder) return box.pid
    const log = await readFile(join(folder, 'log'), 'utf8')
    if (Date.now() > end || emulator.ended || /^(Traceback|this MiniStack)/m.test(log))
      throw new Error(`the box does not start\n${log.split('\n').slice(-30).join('\n')}`)
  }
}

function control(endpoint: string): Pick<Box, 'faults' | 'clearFaults' | 'calls' | 'forgetCalls' | 'fire'> {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${endpoint}/_box/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
    if (!answer.ok) throw new Error(`${method} /_box/${path}: ${await answer.text()}`)
    return await answer.json()
  }
  return {
    faults: async (faults) => void (await ask('POST', 'faults', faults)),
    clearFaults: async () => void (await ask('DELETE', 'faults')),
    calls: async () => (await ask('GET', 'calls')) as Call[],
    forgetCalls: async () => void (await ask('DELETE', 'calls')),
    fire: async (rule) => void (await ask('POST', 'fire', { rule })),
  }
}
