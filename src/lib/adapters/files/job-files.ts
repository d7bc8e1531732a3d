import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The files of the jobs on AWS, by path under templates/glue. */
export async function readJobFiles(): Promise<Record<string, string>> {
  const root = fileURLToPath(new URL('../../../../templates/glue/', import.meta.url))
  const paths = (await readdir(root, { recursive: true })).filter((path) => path.endsWith('.py')).sort()
  const files = await Promise.all(
    paths.map(async (path) => [path.replaceAll(sep, '/'), await readFile(join(root, path), 'utf8')] as const),
  )
  return Object.fromEntries(files)
}
