import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cachedFolder, type Say } from '../box/cache.js'
import { debianPackages } from '../box/debian.js'

const run = promisify(execFile)
const LOCK = new URL('lock/', import.meta.url)

/** What the box is made of, all of it in the cache. */
export interface Parts {
  /** Holds `usr` of PostgreSQL. */
  postgres: string
  /** The python that the emulator runs on. */
  server: string
  /** The python that jobs run on, with its PySpark. */
  glue: string
  /** What Glue has on its class path. */
  jars: string[]
}

export async function provision(say: Say = () => undefined): Promise<Parts> {
  const postgres = await debianPackages(say, 'postgres')
  const server = await virtualEnvironment('server', say)
  const glue = await virtualEnvironment('glue', say)
  return { postgres, server: join(server, 'bin/python'), glue: join(glue, 'bin/python'), jars: await jars(say) }
}

/** What checks the template against the documented types of its resources: a python with cfn-lint. */
export async function provisionLint(say: Say = () => undefined): Promise<string> {
  return join(await virtualEnvironment('lint', say), 'bin/python')
}

/** A lock file names every package with its hash, and what pip builds from source is built by packages of the lock file, too. */
async function virtualEnvironment(name: 'server' | 'glue' | 'lint', say: Say): Promise<string> {
  const lock = new URL(`requirements-${name}.lock`, LOCK).pathname
  const text = await readFile(lock, 'utf8')
  const make = async (folder: string): Promise<void> => {
    say(`installing the Python packages of ${name}`)
    await run(await python311(), ['-m', 'venv', folder])
    const pip = (args: readonly string[]): Promise<unknown> =>
      run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '-q', '--require-hashes', '--no-deps', ...args])
    const builders = `${lock.slice(0, -'.lock'.length)}-build.lock`
    if (text.includes('pyspark==')) await pip(['--only-binary', ':all:', '-r', builders])
    await pip(['--no-build-isolation', '-r', lock])
  }
  return await cachedFolder(`python-${name}`, [text], make, say)
}

/** Glue 5.0 has Python 3.11. */
async function python311(): Promise<string> {
  for (const name of [process.env['PYTHON'], 'python3.11', 'python3']) {
    if (!name) continue
    const { stdout } = await run(name, ['-c', 'import sys; print(*sys.version_info[:2])']).catch(() => ({ stdout: '' }))
    if (stdout.trim() === '3 11') return name
  }
  throw new Error('the box needs Python 3.11 with venv: install it, or name it by PYTHON')
}

async function jars(say: Say): Promise<string[]> {
  const pom = new URL('pom.xml', LOCK).pathname
  const sums = await readFile(new URL('jars.sha256', LOCK), 'utf8')
  const wanted = sums
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/) as [string, string])
  const make = async (folder: string): Promise<void> => {
    say('fetching the jars')
    await mkdir(folder)
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
    await run('mvn', ['-B', '-q', '-f', pom, goal, `-DoutputDirectory=${folder}`])
    for (const [sum, name] of wanted) {
      const found = createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex')
      if (found !== sum) throw new Error(`${name}: sha256 is ${found}, and the lock file has ${sum}`)
    }
  }
  const folder = await cachedFolder('jars', [await readFile(pom, 'utf8'), sums], make, say)
  return wanted.map(([, name]) => join(folder, name))
}
