import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withPhrases } from '../../core/sql/phrases.js'

/** One object of the warehouse; the file's name is the object's name. */
export interface SqlFile {
  name: string
  text: string
}

/** The files of one folder under sql/, by name, their phrases in full. */
export async function readSqlFiles(folder: string): Promise<SqlFile[]> {
  const root = fileURLToPath(new URL(`../../../../sql/${folder}/`, import.meta.url))
  const files = (await readdir(root)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -'.sql'.length)
      return { name, text: withPhrases(`sql/${folder}/${file}`, await readFile(join(root, file), 'utf8')) }
    }),
  )
}
