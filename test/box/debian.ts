import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Package {
  name: string
  version: string
  sha256: string
  /** What a newer release calls it. */
  or?: string
}

const LOCK = new URL('debian.lock.json', import.meta.url)

/** Where unpacked packages are kept between runs and shared by checkouts; `RENTAL_ETL_BOX` names another folder. */
export function boxCache(env: NodeJS.ProcessEnv = process.env): string {
  return env['RENTAL_ETL_BOX'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rental-etl-box')
}

/**
 * Debian packages of the lock file, unpacked and not installed: no root, no service, and nothing outside the cache.
 * Two that do this at once each unpack into a folder of their own, and the first one's stays.
 * @returns the folder that holds their `usr`
 */
export async function debianPackages(say: (line: string) => void = () => undefined): Promise<string> {
  const text = await readFile(LOCK, 'utf8')
  const folder = join(boxCache(), `debian-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`)
  if (await isThere(folder)) return folder
  await mkdir(boxCache(), { recursive: true })
  const work = await mkdtemp(join(boxCache(), 'unpacking-'))
  try {
    const { packages } = JSON.parse(text) as { packages: Package[] }
    say(`unpacking ${packages.map(({ name }) => name).join(', ')} into ${folder}`)
    await download(packages, work, say)
    const root = join(work, 'root')
    for (const file of await debs(work)) await run('dpkg-deb', ['-x', join(work, file), root])
    await rename(root, folder).catch(async (error) => {
      if (!(await isThere(folder))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return folder
}

async function download(packages: readonly Package[], work: string, say: (line: string) => void): Promise<void> {
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
      await apt(['download', '-qq', name]).catch((error) => {
        if (or === undefined) throw error
        return apt(['download', '-qq', or])
      })
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

async function debs(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.deb'))
}

function isThere(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  )
}
