import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a home must not hold once a run has ended: what the killed ones before it were still at work on. */
export function leftovers(home: string): string[] {
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' })
  return (
    names
      .filter(
        (name) => /\.(tmp|part|wal)$|\.next\./.test(name) || name === 'run.lock.json' || /^tmp\/[^./][^/]*$/.test(name),
      )
      // What a case of damage put there as somebody else has to stay.
      .filter((name) => name !== 'tmp/important')
      .sort()
  )
}

/** What a command left in the system's folder for temporary files; the cache of compiled code may stay. */
export function temporaryLeftovers(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== 'node-compile-cache')
}

/**
 * What is in nobody's way and takes room for ever: folders of the lake that no manifest names, and folders of runs
 * without a request. (A run may be pruned down to its manifest.)
 */
export function orphans(home: string): string[] {
  const lake = ['raw', 'rejected', 'blocks'].flatMap((kind) =>
    folders(join(home, 'data', kind)).flatMap((table) =>
      folders(join(home, 'data', kind, table)).flatMap((folder) => {
        const manifest = join(home, 'runs', folder.replace('run_id=', ''), 'manifest.json')
        return existsSync(manifest) ? [] : [`data/${kind}/${table}/${folder}`]
      }),
    ),
  )
  const runs = folders(join(home, 'runs')).filter((run) => {
    const files = readdirSync(join(home, 'runs', run))
    return !files.includes('request.json') && files.join() !== 'manifest.json'
  })
  return [...lake, ...runs.map((run) => `runs/${run}`)].sort()
}

function folders(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
}
