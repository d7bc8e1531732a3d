import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A path under the data that is handed out beside the project; undefined, and one line that says so, where it is absent. */
export function sharedData(...path: string[]): string | undefined {
  const found = join(root, '..', 'shared', 'data', ...path)
  if (existsSync(found)) return found
  console.log(`not tested: ../shared/data/${path.join('/')} is absent`)
  return undefined
}
