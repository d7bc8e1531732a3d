import { readFile } from 'node:fs/promises'
import { EtlError } from '../core/errors.js'
import type { Cell, ResultStream, Warehouse } from '../ports/warehouse.js'

/** Where the SQL of a query stands: in the argument, in a file, or in what is piped in (argument `-`, or neither). */
export interface QueryInput {
  sql: string | undefined
  file: string | undefined
  /** Gives undefined on a terminal, where nothing is piped in. */
  stdin: () => PipedText | undefined
}

type PipedText = AsyncIterable<Buffer | string> & { destroy?(): void }

/** @throws EtlError USAGE when no SQL is given or in two places, NOT_FOUND for a file that is not there, IO */
export async function queryText({ sql, file, stdin }: QueryInput, signal?: AbortSignal): Promise<string> {
  if (sql !== undefined && file !== undefined) throw usage(`SQL is given twice: as an argument and in the file ${file}`)
  if (file !== undefined && file !== '-') return readSql(file)
  if (sql !== undefined && sql !== '-') return sql
  const pipe = stdin()
  if (pipe === undefined) throw usage('no SQL was given: it is an argument, a file (-f FILE), or piped in')
  const text = await piped(pipe, signal)
  if (text.trim() === '') throw usage('no SQL was given: nothing was piped in')
  return text
}

/**
 * The rows of a user's statement, all of them or the first `limit`.
 * @throws EtlError READ_ONLY_SQL, SQL_ERROR, and USAGE for two columns of one name, which one object cannot hold
 */
export async function runQuery(warehouse: Warehouse, sql: string, limit?: number): Promise<ResultStream> {
  const { columns, chunks } = await warehouse.query(sql)
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) {
    throw usage(
      `two columns of the result are named ${twice}: give one of them another name`,
      'rental-etl query "select 1 as one, 1 as other"',
    )
  }
  return { columns, chunks: limit === undefined ? chunks : firstRows(chunks, limit) }
}

/** The first rows of a stream; what comes behind them is not read. */
async function* firstRows(chunks: AsyncIterable<Cell[][]>, limit: number): AsyncGenerator<Cell[][], void> {
  let left = limit
  if (left === 0) return
  for await (const chunk of chunks) {
    yield chunk.slice(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

/** A Ctrl-C ends the waiting for what is piped in; an open pipe would keep the process. */
async function piped(stdin: PipedText, signal: AbortSignal | undefined): Promise<string> {
  const parts: Buffer[] = []
  const stopped = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => stdin.destroy?.())
  const input = stdin[Symbol.asyncIterator]()
  for (;;) {
    const part = await Promise.race([input.next(), stopped])
    if (part.done) return Buffer.concat(parts).toString('utf8')
    parts.push(Buffer.from(part.value))
  }
}

async function readSql(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const missing = code === 'ENOENT' || code === 'ENOTDIR'
    throw new EtlError(missing ? `there is no file ${file}` : `cannot read ${file}: ${message}`, {
      code: missing ? 'NOT_FOUND' : 'IO',
      suggestions: ['rental-etl query --help'],
      cause: error,
    })
  }
}

function usage(
  message: string,
  suggestion = 'rental-etl query "select * from presentation.vw_occupancy_rate_monthly"',
): EtlError {
  return new EtlError(message, { code: 'USAGE', suggestions: [suggestion] })
}
