import { join } from 'node:path'
import { appendText, readText } from './files.js'

interface Entry {
  run_id: string
  /** RFC 3339 in UTC, by the clock of that moment. */
  at: string
}

/**
 * `runs.jsonl`: a line for each run in the order in which they began, whatever the clock said. It is written under the
 * lock, so that the number of a line is the run's place for good; runs of version 0.1.0 have none, and came before.
 */
export async function readOrder(home: string): Promise<Entry[]> {
  const text = await readText(orderFile(home)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw error
  })
  return text.split('\n').flatMap((line) => {
    try {
      const entry = line === '' ? undefined : (JSON.parse(line) as Entry | null)
      return entry?.run_id ? [entry] : []
    } catch {
      // A kill has cut it, before the run had begun.
      return []
    }
  })
}

/** Gives a run the next place; only under the lock. @returns the entry before it */
export async function appendOrder(home: string, entry: Entry): Promise<Entry | undefined> {
  const before = (await readOrder(home)).at(-1)
  const text = await readText(orderFile(home)).catch(() => '')
  const cut = text !== '' && !text.endsWith('\n')
  await appendText(orderFile(home), `${cut ? '\n' : ''}${JSON.stringify(entry)}\n`)
  return before
}

function orderFile(home: string): string {
  return join(home, 'runs.jsonl')
}
