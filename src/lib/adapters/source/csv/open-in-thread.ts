import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { EtlError, type EtlErrorOptions } from '../../../core/errors.js'
import type { BlockList } from '../source.js'
import { type OpenCsv, type OpenOptions, openCsv } from './open-csv.js'
import type { SourceFile } from './source-file.js'

/** A smaller file is looked at about as soon as a thread has begun. */
const LEAST_BYTES = 16 * 1024 * 1024

/** Of the build, also where the sources themselves are run: a thread starts from a file of its own. */
const THREAD = new URL('../../../../../dist/lib/adapters/source/csv/thread.js', import.meta.url)

/** What a thread makes lives for a block or to its end: in more room for new objects it would only hold more memory. */
const LIMITS = { maxYoungGenerationSizeMb: 4 }

/** What a thread is given. */
export interface ThreadOrder {
  source: SourceFile
  work: string
  /** Name of the table. */
  table: string | undefined
  before: BlockList | undefined
}

/** As `openCsv`; of a large file in a thread of its own, so that several are looked at while the engine works. */
export function openFile(source: SourceFile, work: string, options: OpenOptions): Promise<OpenCsv> {
  return (source.size < LEAST_BYTES ? openCsv : openInThread)(source, work, options)
}

/**
 * As `openCsv`, in a thread of its own where the system has one left.
 * @throws as `openCsv`; what the signal was aborted with
 */
export async function openInThread(source: SourceFile, work: string, options: OpenOptions): Promise<OpenCsv> {
  const { signal, table, before } = options
  signal.throwIfAborted()
  const thread = startThread({ source, work, table: table?.name, before })
  if (!thread) return openCsv(source, work, options)
  try {
    const [open] = (await once(thread, 'message', { signal })) as [OpenCsv]
    return { ...open, ...(open.blocks ? { blocks: received(open.blocks) } : {}) }
  } catch (error) {
    signal.throwIfAborted()
    throw thrown(error)
  } finally {
    await thread.terminate()
  }
}

function startThread(order: ThreadOrder): Worker | undefined {
  try {
    return new Worker(THREAD, { workerData: order, execArgv: [], resourceLimits: LIMITS })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_INIT_FAILED') return undefined
    throw error
  }
}

/** What came from another thread has lost the class of its buffer. */
export function received(list: BlockList): BlockList {
  const { buffer, byteOffset, length } = list.hashes
  return { ...list, hashes: Buffer.from(buffer, byteOffset, length) }
}

/** An error that came from a thread, of its class again. */
function thrown(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'EtlError') return error
  return new EtlError(error.message, error as Error & EtlErrorOptions)
}
