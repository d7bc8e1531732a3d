import { EtlError } from '../../../core/errors.js'
import { redshiftText } from '../../../core/release/redshift-text.js'
import { cameBetween } from '../../../core/run/bookmark-change.js'
import { bookmarkScript } from '../../../core/sql/bookmark-script.js'
import { ident } from '../../../core/sql/names.js'
import type { Step } from '../../../core/sql/script.js'
import type { BookmarkChanges, NewChange } from '../../../ports/bookmarks.js'
import type { Clock } from '../../../ports/clock.js'
import { whoAmI } from '../../files/who-am-i.js'
import { DataApi, type RedshiftClients } from '../redshift/data-api.js'
import { isDenied, ownSqlError, type RedshiftPlace, StatementFailed } from '../redshift/errors.js'
import { rowsOf } from '../redshift/results.js'
import type { Executions } from '../runs/executions.js'
import { isGoingOn } from '../runs/going-on.js'
import type { GlueBookmarks } from './glue-bookmarks.js'

export interface AwsBookmarkOptions {
  clients: RedshiftClients
  place: RedshiftPlace
  clock: Clock
  executions: Pick<Executions, 'running'>
  glue: Pick<GlueBookmarks, 'reset'>
  /** Told what was not done beside the change. */
  warn(text: string): void
}

/**
 * Notes in the warehouse on Redshift from where the next run reads, and who wanted it. A reset resets Glue's own bookmark, too,
 * which decides nothing (docs/decisions/0070): where that fails it is told, and the reset stands.
 */
export class AwsBookmarkChanges implements BookmarkChanges {
  constructor(private readonly options: AwsBookmarkOptions) {}

  async change(change: NewChange): Promise<void> {
    const { executions, clock, glue } = this.options
    const running = await executions.running()
    if (running !== undefined) throw isGoingOn(running, `rental-etl bookmarks ${change.kind}   # once it has ended`)
    await this.#write(
      bookmarkScript({ ...change, changed_at: clock.now().toISOString(), changed_by: whoAmI() }),
      change,
    )
    if (change.kind === 'reset') for (const problem of await glue.reset()) this.options.warn(problem)
  }

  /** One transaction. One that lost against another is done again: then its guards see what came. */
  async #write(script: readonly Step[], { kind }: NewChange): Promise<void> {
    const { place, clients } = this.options
    const api = new DataApi(place, clients, new AbortController().signal)
    try {
      await api.run(script.map(({ sql }) => redshiftText(sql)))
    } catch (error) {
      if (!(error instanceof StatementFailed)) throw error
      const { guard } = script[error.at] ?? {}
      // What a guard says is no number.
      if (guard !== undefined && /invalid (digit|input syntax)/i.test(error.said)) throw cameBetween(guard, kind)
      throw isDenied(error) ? denied(error, await userOf(api)) : ownSqlError(error, undefined)
    }
  }
}

async function userOf(api: DataApi): Promise<string> {
  const [rows] = await rowsOf(api, await api.run(['select current_user as name']))
  return String(rows?.[0]?.['name'])
}

const TABLES = ['resets', 'rewinds', 'changes'].map((name) => `raw_data.bookmark_${name}`).join(', ')

function denied({ said }: StatementFailed, user: string): EtlError {
  const grants = `grant usage on schema raw_data to ${ident(user)}; grant select, insert, delete on ${TABLES} to ${ident(user)};`
  return new EtlError(`the user ${user} of the database may not change the bookmarks: ${said}`, {
    code: 'ACCESS',
    suggestions: [`${grants}   -- in the database, as who owns it`],
  })
}
