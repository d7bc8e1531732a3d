import type { Command } from '@oclif/core'
import type { ReadingPoint } from '../core/run/bookmark-change.js'
import { effectLine } from '../ui/bookmark-changes.js'
import { type PlannedChange, planChange, type WantedChange } from '../use-cases/change-bookmarks.js'
import { BaseCommand } from './base-command.js'
import { confirm } from './confirm.js'

/** What a change of bookmarks did, or would do. */
export interface ChangedBookmarks {
  /** Its number in the history; null where nothing was done. */
  seq: number | null
  /** Of a restore, the change that it takes back. */
  of_seq: number | null
  tables: {
    table: string
    /** Where raw ends. */
    position: string | null
    from_state: ReadingPoint['state']
    from_position: string | null
    to_state: ReadingPoint['state']
    to_position: string | null
    raw_rows_again: number
  }[]
}

/** What all commands share that change bookmarks: the effect is shown, then asked for, then done. */
export abstract class BookmarkCommand<T extends typeof Command> extends BaseCommand<T> {
  /**
   * @param options.command what to type to do it unasked
   * @param options.simulate only shows it
   */
  protected async changeBookmarks(
    wanted: WantedChange,
    options: { question: string; command: string; yes: boolean; simulate?: boolean; reason?: string | undefined },
  ): Promise<ChangedBookmarks> {
    const runtime = await this.runtime()
    const { change, again, ends } = await this.#plan(wanted, options.reason)
    const tables = change.tables.map(({ table, from, to }) => ({
      ...{ table, position: ends.get(table) ?? null, from_state: from.state, from_position: from.position },
      ...{ to_state: to.state, to_position: to.position, raw_rows_again: again.get(table) ?? 0 },
    }))
    // Simulated, the effect is the result.
    const say = (text: string): void => (options.simulate ? this.out(text) : this.note(text))
    for (const one of change.tables) say(effectLine(one, again.get(one.table) ?? 0))
    if (tables.length === 0) this.out('nothing to do: all of it is read from there already')
    if (tables.length === 0 || options.simulate) return { seq: null, of_seq: change.of_seq, tables }
    await confirm(options.question, {
      ...{ yes: options.yes, json: this.jsonEnabled(), command: options.command, signal: this.signal },
    })
    await (await runtime.bookmarkChanges()).change(change)
    return { seq: change.seq, of_seq: change.of_seq, tables }
  }

  /** The warehouse is closed before it is changed. */
  async #plan(wanted: WantedChange, reason: string | undefined): Promise<PlannedChange> {
    await using warehouse = await (await this.runtime()).warehouse(this.signal)
    return await planChange(warehouse, wanted, reason)
  }
}
