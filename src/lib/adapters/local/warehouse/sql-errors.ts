import { EtlError } from '../../../core/errors.js'
import { engineError } from '../engine/database.js'
import { readOnly } from '../engine/read-only-sql.js'
import { isClosedIn } from './closed-in.js'

/** Where a statement of our own does not fit its tables any more, somebody has changed them. */
export function ownSqlError(error: unknown, path: string | undefined): unknown {
  if (!(error instanceof Error) || error instanceof EtlError) return error
  const misfit = /^(Binder|Catalog|Conversion) Error/.test(error.message) || isClosedIn(error)
  if (!misfit) return engineError(error, path)
  return new EtlError(`${path} is not as this tool has made it: ${error.message.split('\n')[0]}`, {
    code: 'WAREHOUSE_STRUCTURE',
    suggestions: ['rental-etl verify --scope ledger   # what was changed'],
    cause: error,
  })
}

/** What is wrong with a user's statement. */
export function userSqlError(error: unknown, path: string | undefined): unknown {
  if (!(error instanceof Error) || error instanceof EtlError || error.name === 'AbortError') return error
  if (isClosedIn(error)) return closedInError(error)
  const engine = engineError(error, path)
  if (engine instanceof EtlError) return engine
  return new EtlError(wholeMessage(error.message), {
    code: 'SQL_ERROR',
    suggestions: ['rental-etl tables   # relations and their columns'],
    cause: error,
  })
}

export function closedInError({ message }: Error): EtlError {
  return readOnly((message.split('\n').find((line) => line.trim() !== '') ?? message).trim())
}

/** With the nearest name and the line; without advice on extensions, which cannot be loaded here. */
function wholeMessage(message: string): string {
  return message
    .replace(/^Failed to (extract|prepare) statements?: /, '')
    .replace(/\n+Please try installing[\s\S]*$/, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')
}
