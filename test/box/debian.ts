import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cachedFolder, type Say } from './cache.js'

const run = promisify(execFile)

interface Package {
  name: string
  version: string
  sha256: string
  /** What newer releases call it. */
  or?: string | string[]
}

/** What belongs together: the tests of MySQL need no PostgreSQL. */
export type Packages = 'debian' | 'postgres'

/**
 * Debian packages of a lock file, unpacked and not installed: no root, no service, and nothing outside the cache.
 * @returns the folder that holds their `usr`
 */
export async function debianPackages(say: Say = () => undefined, packages: Packages = 'debian'): Promise<string> {
  const text = await readFile(new URL(`${packages}.lock.json`, import.meta.url), 'utf8')
  const unpack = async (root: string): Promise<void> => {
    const { packages } = JSON.parse(text) as { packages: Package[] }
    say(`unpacking ${packages.map(({ name }) => name).join(', ')}`)
    const work = dirname(root)
    await download(packages, work, say)
    for (const file of await debs(work)) await run('dpkg-deb', ['-x', join(work, file), root])
  }
  return await cachedFolder(packages, [text], unpack, say)
}

/** What a program needs to find the libraries that were unpacked beside it. */
export function unpackedEnvironment(root: string): NodeJS.ProcessEnv {
  const folders = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((path) => join(root, path))
  return { ...process.env, LD_LIBRARY_PATH: folders.join(':') }
}

async function download(packages: readonly Package[], work: string, say: Say): Promise<void> {
  // Lists and cache of its own: those of the system may be old, and belong to root.
  const own = ['-o', `Dir::State::lists=${work}/lists`, '-o', `Dir::Cache=${work}/cache`, '-o', 'APT::Sandbox::User=']
  await Promise.all(
    ['lists/partial', 'cache/archives/partial'].map((path) => mkdir(join(work, path), { recursive: true })),
  )
  const apt = (args: readonly string[]): Promise<unknown> => run('apt-get', [...own, ...args], { cwd: work })
  await apt(['update', '-qq'])
  for (const { name, version, sha256, or } of packages) {
    const exact = await apt(['download', '-qq', `${name}=${version}`]).then(
      () => true,
      () => false,
    )
    if (!exact) {
      // Debian serves a version until it mends it; its signature is checked by apt all the same.
      await first([name, ...[or ?? []].flat()], (one) => apt(['download', '-qq', one]))
      say(`${name} ${version} is no longer served: took the version that is`)
      continue
    }
    const file = (await debs(work)).find((one) => one.startsWith(`${name}_`)) as string
    const found = createHash('sha256')
      .update(await readFile(join(work, file)))
      .digest('hex')
    if (found !== sha256) throw new Error(`${file}: sha256 is ${found}, and the lock file has ${sha256}`)
  }
}

/** Tries names until one of them does. @throws what the last one threw */
async function first(names: readonly string[], does: (name: string) => Promise<unknown>): Promise<void> {
  for (const [at, name] of names.entries()) {
    const error = await does(name).then(
      () => undefined,
      (found: unknown) => found,
    )
    if (error === undefined) return
    if (at === names.length - 1) throw error
  }
}

async function debs(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.deb'))
}
