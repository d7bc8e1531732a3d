import type { HistoryEvent } from '@aws-sdk/client-sfn'
import { isNamed } from '../errors.js'
import type { Executions } from './executions.js'

/** Reads the history of an execution on from where it was read to, each event once and in order. */
export class HistoryTail {
  readonly #executions: Pick<Executions, 'history'>
  readonly #runId: string
  /** Of the last page, which grows. */
  #token: string | undefined
  #last = 0

  constructor(executions: Pick<Executions, 'history'>, runId: string) {
    this.#executions = executions
    this.#runId = runId
  }

  /** The events since the last call; none where reading failed half way is lost. */
  async read(): Promise<HistoryEvent[]> {
    const found: HistoryEvent[] = []
    let token = this.#token
    while (true) {
      const page = await this.#page(token)
      found.push(...page.events)
      if (!page.nextToken) break
      token = page.nextToken
    }
    const news = found.filter(({ id = 0 }) => id > this.#last)
    this.#token = token
    this.#last = news.at(-1)?.id ?? this.#last
    return news
  }

  /** A token lasts for a day; then the history is read from its beginning. */
  async #page(token: string | undefined): ReturnType<Executions['history']> {
    try {
      return await this.#executions.history(this.#runId, token)
    } catch (error) {
      if (token === undefined || !isNamed(error, 'InvalidToken')) throw error
      return this.#executions.history(this.#runId)
    }
  }
}
