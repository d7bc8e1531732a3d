import { closeSync, existsSync, type FSWatcher, openSync, readdirSync, readSync, statSync, watch } from 'node:fs'
import { basename, join } from 'node:path'

const DEEPEST = 3

/**
 * Tells what happens under a home, as points that are named alike from run to run: `run.json appears`,
 * `warehouse.next.duckdb changes`, `event layer_started raw`. It sees what anybody can see, and nothing else.
 */
export class HomeWatch {
  readonly #home: string
  readonly #onPoint: (point: string) => void
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #read = new Map<string, number>()

  constructor(home: string, onPoint: (point: string) => void) {
    this.#home = home
    this.#onPoint = onPoint
    this.#add('', false)
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  /** @param fresh the folder has appeared just now, and what is in it is news */
  #add(folder: string, fresh: boolean): void {
    if (this.#watchers.has(folder)) return
    try {
      const watcher = watch(join(this.#home, folder), (type, name) => {
        // A folder that is removed tells its own name as the last thing.
        const own = name === basename(folder) && !existsSync(join(this.#home, folder, name ?? ''))
        if (name !== null && !own) this.#note(folder === '' ? name : `${folder}/${name}`, type)
      })
      watcher.on('error', () => this.#remove(folder))
      this.#watchers.set(folder, watcher)
      for (const entry of readdirSync(join(this.#home, folder), { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (fresh) this.#note(path, 'rename')
        else if (entry.isDirectory()) this.#enter(path, false)
        else if (entry.name === 'events.jsonl') this.#read.set(path, statSync(join(this.#home, path)).size)
      }
    } catch (error) {
      // It was gone again before it could be looked at.
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }

  #enter(folder: string, fresh: boolean): void {
    if (folder.split('/').length <= DEEPEST) this.#add(folder, fresh)
  }

  #remove(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }

  #note(path: string, type: string): void {
    const point = pointName(path)
    if (type === 'change') {
      if (path.endsWith('events.jsonl')) this.#events(path)
      else if (/\.next\.|\.wal$/.test(path)) this.#onPoint(`${point} changes`)
      return
    }
    const full = join(this.#home, path)
    if (!existsSync(full)) {
      this.#remove(path)
      this.#onPoint(`${point} vanishes`)
      return
    }
    this.#onPoint(`${point} appears`)
    if (path.endsWith('events.jsonl')) this.#events(path)
    if (statSync(full, { throwIfNoEntry: false })?.isDirectory()) this.#enter(path, true)
  }

  /** A point for each new line of an event log, by its type and layer. */
  #events(path: string): void {
    const from = this.#read.get(path) ?? 0
    let text: string
    try {
      const file = openSync(join(this.#home, path), 'r')
      const buffer = Buffer.alloc(1 << 16)
      const length = readSync(file, buffer, 0, buffer.length, from)
      closeSync(file)
      text = buffer.toString('utf8', 0, length)
    } catch {
      return
    }
    const end = text.lastIndexOf('\n') + 1
    this.#read.set(path, from + Buffer.byteLength(text.slice(0, end)))
    for (const line of text.slice(0, end).split('\n')) {
      const [, type] = /"type":"(\w+)"/.exec(line) ?? []
      const [, layer = ''] = /"layer":"(\w+)"/.exec(line) ?? []
      if (type) this.#onPoint(`event ${type} ${layer}`.trim())
    }
  }
}

/** A path without what differs from run to run: ids of runs, numbers, and names of scratch files. */
function pointName(path: string): string {
  return path
    .replace(/^runs\/[^/]+/, 'runs/ID')
    .replace(/run_id=[^/]+/, 'run_id=ID')
    .replace(/^tmp\/.+$/, 'tmp/*')
    .replace(/\.[0-9a-f]{12}\.tmp$/, '.*.tmp')
    .replaceAll(/\d{4,}/g, 'N')
}
