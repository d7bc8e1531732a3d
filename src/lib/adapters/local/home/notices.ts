import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A line of `HOME/notices.jsonl`: what a subscriber of the topic would be sent. */
export interface Notice {
  /** RFC 3339 in UTC. */
  at: string
  run_id: string
  subject: string
  message: string
}

export async function appendNotice(home: string, notice: Notice): Promise<void> {
  await appendFile(join(home, 'notices.jsonl'), `${JSON.stringify(notice)}\n`)
}
