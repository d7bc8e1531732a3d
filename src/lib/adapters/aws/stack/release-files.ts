import { createHash } from 'node:crypto'
import { zipSync } from 'fflate'

/** A file of a release, by its key in the bucket. */
export interface ReleaseFile {
  key: string
  body: Uint8Array
}

export interface ReleaseFiles {
  /** Where they lie, named by what is in them: the same files are never uploaded twice, and no run changes under its jobs. */
  prefix: string
  files: readonly ReleaseFile[]
}

/** What the jobs are made of, by path under templates/glue. */
export type JobFiles = Readonly<Record<string, string>>

const LIBRARY = 'rental_etl/'

/**
 * The files that the jobs run: scripts as they are, the library as one archive, and the release document.
 * @param jobs by path under templates/glue
 * @param release the document
 */
export function releaseFiles(jobs: JobFiles, release: object): ReleaseFiles {
  const library = Object.entries(jobs).filter(([path]) => path.startsWith(LIBRARY))
  const scripts = Object.entries(jobs).filter(([path]) => !path.startsWith(LIBRARY))
  const bodies: [string, Uint8Array][] = [
    ...scripts.map(([path, text]): [string, Uint8Array] => [path, Buffer.from(text)]),
    ['rental_etl.zip', archive(library)],
    ['release.json', Buffer.from(JSON.stringify(release))],
  ]
  const hash = createHash('sha256')
  for (const [name, body] of bodies.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name} ${body.length}\n`).update(body)
  const prefix = `scripts/${hash.digest('hex').slice(0, 16)}`
  return { prefix, files: bodies.map(([name, body]) => ({ key: `${prefix}/${name}`, body })) }
}

/** Without the time at which it was made: the same files give the same bytes. */
function archive(files: readonly (readonly [string, string])[]): Uint8Array {
  const entries = files.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => [path, Buffer.from(text)])
  return zipSync(Object.fromEntries(entries), { mtime: '1980-01-01', level: 9 })
}
