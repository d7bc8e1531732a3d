import { join } from 'node:path'
import type { ErrorCode } from '../../../core/errors.js'
import type { LayerName } from '../../../core/run/run.js'
import { appendText } from './files.js'

/** A line of `HOME/notices.jsonl`: what a subscriber of the topic would be sent, and what a script looks for. */
export interface Notice {
  /** RFC 3339 in UTC. */
  at: string
  run_id: string
  /** The layer that failed, and with which code; null where the notice is about something else. */
  layer: LayerName | null
  code: ErrorCode | null
  subject: string
  message: string
  /** A command to paste. */
  next: string | null
}

/** @throws EtlError IO */
export async function appendNotice(home: string, notice: Notice): Promise<void> {
  await appendText(join(home, 'notices.jsonl'), `${JSON.stringify(notice)}\n`)
}
