import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { EtlError } from '../core/errors.js'
import { shellWord } from '../core/words/shell-word.js'

/**
 * Looks, before any work is done, whether a file that a user named can be written.
 * @returns whether it is there already
 * @throws EtlError NOT_FOUND without its folder, USAGE for a folder
 */
export async function assertFolder(file: string): Promise<boolean> {
  const [there, folder] = await Promise.all(
    [file, dirname(resolve(file))].map((path) => stat(path).catch(() => undefined)),
  )
  if (!folder?.isDirectory()) {
    throw new EtlError(`there is no folder ${dirname(file)} to write ${file} into`, {
      code: 'NOT_FOUND',
      suggestions: [`mkdir -p ${shellWord(dirname(file))}`],
    })
  }
  if (there?.isDirectory()) {
    throw new EtlError(`${file} is a folder`, { code: 'USAGE', suggestions: [`ls -ld ${shellWord(file)}`] })
  }
  return there !== undefined
}
