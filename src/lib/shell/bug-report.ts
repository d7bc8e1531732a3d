import { access, mkdir, writeFile } from 'node:fs/promises'
import { arch, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { maskSecrets } from '../core/words/secrets.js'

/** What was asked: the command's id with spaces, and the names of its flags. */
export interface Asked {
  command: string | undefined
  flags: readonly string[]
  /** How many arguments the command needs. */
  needs?: number
}

/**
 * Writes what is needed to find a bug: versions, the command and the names of its flags (never their values), the stack.
 * @param home used if it is there
 * @returns the file; undefined when none could be written
 */
export async function writeBugReport(
  error: unknown,
  asked: Asked,
  home: string | undefined,
): Promise<string | undefined> {
  const stack = error instanceof Error ? `${error.stack}${cause(error)}` : String(error)
  const at = new Date().toISOString()
  const report = {
    at,
    node: process.versions.node,
    platform: `${platform()} ${arch()}`,
    command: asked.command ?? null,
    flags: flagNames(process.argv),
    stack: maskSecrets(stack).split('\n'),
  }
  const name = `rental-etl-report-${at.replaceAll(/[-:.]/g, '')}-${process.pid}.json`
  for (const folder of [home && join(home, 'reports'), tmpdir()]) {
    if (!folder) continue
    try {
      if (home && folder !== tmpdir()) {
        await access(home)
        await mkdir(folder, { recursive: true })
      }
      const file = join(folder, name)
      await writeFile(file, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 })
      return file
    } catch {
      // The home may be read-only or full: then the system's folder for temporary files.
    }
  }
  return undefined
}

/** Flags by name. Values, and words that only begin as a flag does, such as an SQL comment, are nobody's business. */
function flagNames(words: readonly string[]): string[] {
  const end = words.indexOf('--')
  return words
    .slice(0, end < 0 ? words.length : end)
    .flatMap((word) => /^(--[a-z][a-z-]*|-[a-z])(?=$|=)/i.exec(word)?.[0] ?? [])
}

function cause(error: Error): string {
  return error.cause instanceof Error ? `\ncaused by ${error.cause.stack}${cause(error.cause)}` : ''
}
