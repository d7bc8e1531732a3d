import { parentPort, workerData } from 'node:worker_threads'
import { sourceTable } from '../../../core/model.js'
import { openCsv } from './open-csv.js'
import { received, type ThreadOrder } from './open-in-thread.js'

// The thread that `openInThread` starts. It is ended from without, and what it throws arrives there.
const { source, work, table, before } = workerData as ThreadOrder
const open = await openCsv(source, work, {
  signal: new AbortController().signal,
  ...(table ? { table: sourceTable(table) } : {}),
  ...(before ? { before: received(before) } : {}),
})
parentPort?.postMessage(open)
