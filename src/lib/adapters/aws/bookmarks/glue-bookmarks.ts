import { GetJobBookmarkCommand, ResetJobBookmarkCommand } from '@aws-sdk/client-glue'
import { SOURCE_TABLES } from '../../../core/model.js'
import type { ForeignBookmarks, ForeignPosition } from '../../../ports/bookmarks.js'
import type { AwsClients } from '../clients.js'
import { isNamed } from '../errors.js'

/** Glue's own bookmark of the job that extracts: one entry for all tables. Nothing rests on it (docs/decisions/0070). */
export class GlueBookmarks implements ForeignBookmarks {
  readonly name = "Glue's own bookmark"

  constructor(
    private readonly clients: Pick<AwsClients, 'glue'>,
    private readonly job: string,
  ) {}

  async positions(): Promise<ForeignPosition[]> {
    try {
      const { JobBookmarkEntry } = await (await this.clients.glue()).send(
        new GetJobBookmarkCommand({ JobName: this.job }),
      )
      return positionsOf(JobBookmarkEntry?.JobBookmark ?? '')
    } catch (error) {
      // No run has committed one yet, or it was reset.
      if (isNamed(error, 'EntityNotFoundException')) return []
      throw error
    }
  }

  /** As if no run had been. @returns what hindered it */
  async reset(): Promise<string[]> {
    try {
      await (await this.clients.glue()).send(new ResetJobBookmarkCommand({ JobName: this.job }))
    } catch (error) {
      if (isNamed(error, 'EntityNotFoundException')) return []
      const { message } = error as Error
      return [`${this.name} of job ${this.job} was not reset, on which nothing rests: ${message}`]
    }
    return []
  }
}

/**
 * What an entry says of our tables: under the name of each, which is its context in the job, the value of the column that it
 * follows. Glue documents no form of it: a table of which this finds no value, or several, is left out.
 */
export function positionsOf(entry: string): ForeignPosition[] {
  const state = parsed(entry)
  return SOURCE_TABLES.flatMap(({ name, bookmark }): ForeignPosition[] => {
    const values = new Set(valuesOf(bookmark.column, state[name]))
    return values.size === 1 ? [{ table: name, position: [...values].join() }] : []
  })
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const state = JSON.parse(text) as unknown
    return typeof state === 'object' && state !== null ? (state as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Values of a name, at any depth; what is a text of JSON is looked into. */
function valuesOf(name: string, state: unknown): string[] {
  if (typeof state === 'string' && state.startsWith('{')) return valuesOf(name, parsed(state))
  if (typeof state !== 'object' || state === null) return []
  return Object.entries(state).flatMap(([key, value]) =>
    key === name && (typeof value === 'string' || typeof value === 'number') ? [String(value)] : valuesOf(name, value),
  )
}
