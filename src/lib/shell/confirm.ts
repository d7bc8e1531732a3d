import { once } from 'node:events'
import { EtlError } from '../core/errors.js'
import { shownOn } from './output.js'

/**
 * Asks on the terminal before something is destroyed; without one, `--yes` is needed.
 * @param command what to type to do it unasked
 * @throws EtlError DECLINED (exit 64) without a terminal, or for any answer but yes
 */
export async function confirm(
  question: string,
  options: { yes: boolean; json: boolean; command: string; signal: AbortSignal },
): Promise<void> {
  if (options.yes) return
  const suggestions = [options.command]
  if (options.json || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw new EtlError('this destroys something, and there is no terminal to ask on: it needs --yes', {
      code: 'DECLINED',
      suggestions,
    })
  }
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    // Ctrl-D closes the input, and the question alone would wait for ever.
    const ended = once(lines, 'close').then(() => '')
    const answer = await Promise.race([
      lines.question(shownOn(process.stderr, `${question} [y/N] `), { signal: options.signal }),
      ended,
    ])
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    lines.close()
  }
  throw new EtlError('nothing was done', { code: 'DECLINED', suggestions })
}
