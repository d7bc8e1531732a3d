import { asOfDate } from '../../../core/run/as-of.js'
import { newRequest, parseRequest, type RunRequest } from '../../../core/run/request.js'

/** What an execution's input leaves out and the workflow does not know: what the settings say. */
export type RequestDefaults = Pick<RunRequest, 'target' | 'source'>

/**
 * The request of an execution, filled in as the workflow does it: that of a schedule has no input, or the schedule's event;
 * its as-of date is the day before it began. An input that the workflow refuses is shown as far as it can be.
 * @param startedAt RFC 3339 in UTC
 */
export function executionRequest(
  execution: { name: string; startedAt: string; input: string | undefined },
  defaults: RequestDefaults,
): RunRequest {
  const { name, startedAt, input } = execution
  const usual = { ...defaults, as_of: startedAt }
  const own = { run_id: name }
  try {
    return parseRequest({ ...usual, ...given(input), ...own })
  } catch {
    return newRequest({ ...usual, ...own, as_of: asOfDate(startedAt) })
  }
}

function given(input: string | undefined): object {
  const document = JSON.parse(input || '{}') as object | null
  return document === null || typeof document !== 'object' || 'detail-type' in document ? {} : document
}
