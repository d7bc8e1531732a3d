import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cachedFolder, isThere, type Say } from '../box/cache.js'
import type { Parts } from './provision.js'

/**
 * An archive of the classes that a Spark job loads, which more than halves the time of its start. One JVM cannot read what
 * another one wrote, nor with other jars; without an archive a job starts all the same.
 * @param train makes it where it is not there yet, by running a job
 * @returns the file, which need not be there
 */
export async function classArchive(parts: Parts, train?: (file: string) => Promise<void>, say?: Say): Promise<string> {
  const java = await promisify(execFile)('java', ['-version']).catch(() => ({ stderr: '' }))
  const spark = await readFile(new URL('server/spark.py', import.meta.url), 'utf8')
  const of = [java.stderr, parts.glue, ...parts.jars, spark]
  const make = async (folder: string): Promise<void> => {
    if (!train) throw new NotMade()
    await mkdir(folder)
    say?.('training the class archive of Spark')
    await train(join(folder, 'spark.jsa'))
    if (!(await isThere(join(folder, 'spark.jsa')))) throw new Error('the training run left no archive')
  }
  try {
    return join(await cachedFolder('classes', of, make, say), 'spark.jsa')
  } catch (error) {
    if (error instanceof NotMade) return ''
    throw error
  }
}

class NotMade extends Error {}
