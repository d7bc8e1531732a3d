import { guessMapping, type Proposal } from '../core/config/guess.js'
import { EtlError } from '../core/errors.js'
import type { SourceSurvey } from '../ports/source-survey.js'

export interface GuessedMapping {
  /** Undefined for a source that has the model's own names. */
  proposal: Proposal | undefined
  /** Tables of the source that could not be looked at, and why. */
  faults: string[]
}

/**
 * Looks at a source, and proposes how it is mapped.
 * @throws EtlError SOURCE_SCHEMA where there is no table at all, and as `look` of the survey
 */
export async function proposeMapping(survey: SourceSurvey, signal: AbortSignal): Promise<GuessedMapping> {
  const found = await survey.look(signal)
  if (!found) return { proposal: undefined, faults: [] }
  const faults = found.tables.flatMap(({ fault }) => fault ?? [])
  if (found.tables.length === 0) {
    throw new EtlError(
      `${survey.source} has no table to look at: a folder has files NAME.csv, a database tables that its user may read`,
      {
        code: 'SOURCE_SCHEMA',
        suggestions: ['rental-etl init --guess --source csv:DIR', 'rental-etl doctor'],
      },
    )
  }
  return { proposal: guessMapping(found), faults }
}
