import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import type { Mariadb } from '../box/mariadb.js'
import { type Captured, captureCommand } from './capture-command.js'
import { allCommands } from './commands.js'
import { inserts, typedRows } from './mysql-rows.js'
import { READER } from './mysql-tables.js'
import { smallSource } from './small-warehouse.js'
import { scratchFolder } from './temporary.js'

/** Runs a command in this process; the password is the reader's unless another one, or none, is given. */
export async function command(
  words: string[],
  { password = READER.password, env = {} }: { password?: string | null; env?: Record<string, string> } = {},
): Promise<Captured & { said: string }> {
  const commands = await allCommands()
  const id = [words.slice(0, 2).join(' '), words[0] as string].find((name) => commands.has(name)) as string
  vi.stubEnv('MYSQL_PWD', password ?? undefined)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const found = await captureCommand(commands.get(id), id.replaceAll(' ', ':'), ...words.slice(id.split(' ').length))
  return { ...found, said: found.stdout + found.stderr }
}

/** Fills typed tables with the rows of the small source that are good. */
export async function fillSmall(server: Mariadb): Promise<void> {
  await using scratch = await scratchFolder()
  await smallSource(scratch.path)
  for (const table of SOURCE_TABLES) {
    const text = await readFile(join(scratch.path, `${table.name}.csv`), 'utf8')
    const lines = text.split('\n').filter((line) => !/someday|^,/.test(line))
    const columns = table.columns.map(({ name }) => name)
    await server.admin(...inserts(table.name, columns, typedRows(table, lines.join('\n'))))
  }
}

/** The files of a folder that hold one of these texts. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    if (texts.some((text) => bytes.includes(text))) found.push(path)
  }
  return found
}
