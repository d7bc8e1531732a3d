import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Command } from '@oclif/core'

const FOLDER = fileURLToPath(new URL('../../src/commands/', import.meta.url))

/** The class of every command by what is typed (`runs show`), sorted. */
export async function allCommands(): Promise<Map<string, typeof Command>> {
  const files = (await readdir(FOLDER, { recursive: true })).filter((path) => path.endsWith('.ts'))
  const found = await Promise.all(
    files.map(async (path) => {
      const id = path
        .replace(/(\/index)?\.ts$/, '')
        .split(/[\\/]/)
        .join(' ')
      const { default: command } = (await import(pathToFileURL(join(FOLDER, path)).href)) as { default: typeof Command }
      return [id, command] as const
    }),
  )
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}
