import type { ErrorCode, ErrorReport } from '../../../core/errors.js'
import { maskSecrets } from '../../../core/words/secrets.js'

/** What a task ended with. The cause of a job that failed is its whole run as JSON; that of anything else is a text. */
export interface TaskEnd {
  error: string
  cause: string
}

interface JobRun {
  JobName?: string
  JobRunState?: string
  ErrorMessage?: string
}

/** What the user can mend of what a service said, beyond a resume. */
const SERVICE: Readonly<Record<string, [code: ErrorCode, suggestion: string]>> = {
  'Glue.EntityNotFoundException': ['NOT_FOUND', 'rental-etl bootstrap   # makes the job anew'],
  'Glue.AccessDeniedException': ['ACCESS', 'rental-etl bootstrap   # gives the workflow its rights anew'],
}

/** The report of a task that failed. @param said what the job itself said in its output, where it did */
export function taskFailure({ error, cause }: TaskEnd, said: ErrorReport | undefined, runId: string): ErrorReport {
  const next = [`rental-etl resume ${runId}`, `rental-etl logs ${runId} --failed`]
  if (said) return { ...said, suggestions: said.suggestions.length > 0 ? said.suggestions : next }
  const run = jobRun(cause)
  if (run) return { code: 'JOB_FAILED', message: runText(run), suggestions: next }
  const [code, suggestion] = SERVICE[error] ?? ['JOB_FAILED']
  const message = maskSecrets(cause === '' ? error : `${error}: ${cause}`)
  return { code, message, suggestions: suggestion === undefined ? next : [suggestion, ...next] }
}

/** True where the service refused the job, which another try may mend. */
export function isServiceError({ error }: Pick<TaskEnd, 'error'>): boolean {
  return error.startsWith('Glue.')
}

/** A run of a job from its JSON. */
export function jobRun(text: string): JobRun | undefined {
  try {
    const run = JSON.parse(text) as JobRun | null
    return run?.JobRunState === undefined ? undefined : run
  } catch {
    return undefined
  }
}

function runText({ JobName = 'the job', JobRunState, ErrorMessage }: JobRun): string {
  if (JobRunState === 'FAILED' && ErrorMessage) return maskSecrets(ErrorMessage)
  const how = JobRunState === 'STOPPED' ? 'was stopped' : `ended as ${JobRunState}`
  return maskSecrets(`job ${JobName} ${how}${ErrorMessage ? `: ${ErrorMessage}` : ''}`)
}
