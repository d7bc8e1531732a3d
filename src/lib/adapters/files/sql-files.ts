import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One object of the warehouse; the file's name is the object's name. */
export interface SqlFile {
  name: string
  text: string
}

/** The files of one folder under sql/, by name. */
export async function readSqlFiles(folder: string): Promise<SqlFile[]> {
  const root = fileURLToPath(new URL(`../../../../sql/${folder}/`, import.meta.url))
  const names = (await readdir(root)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => ({
      name: name.slice(0, -'.sql'.length),
      text: await readFile(join(root, name), 'utf8'),
    })),
  )
}
