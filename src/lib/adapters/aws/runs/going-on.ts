import { EtlError } from '../../../core/errors.js'

/** The error of what may not be done while a run is going on. @param next what to type once it has ended */
export function isGoingOn(runId: string, next: string): EtlError {
  return new EtlError(`run ${runId} is going on in this workflow; one run at a time changes a warehouse`, {
    code: 'LOCKED',
    suggestions: [`rental-etl watch ${runId}`, next],
  })
}
