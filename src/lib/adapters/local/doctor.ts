import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EtlError } from '../../core/errors.js'
import { SOURCE_TABLES } from '../../core/model.js'
import { shellWord } from '../../core/words/shell-word.js'
import type { Doctor, Probe } from '../../ports/doctor.js'
import { readSqlFiles } from '../files/sql-files.js'
import { assertColumns, columnsOf, warningsOf } from '../source/columns.js'
import type { OpenSource, OpenTable } from '../source/source.js'
import { Database } from './engine/database.js'
import { exists, inScratch } from './home/files.js'
import { homePaths } from './home/paths.js'
import { lockHolder } from './home/run-lock.js'
import type { ExtractSettings } from './jobs/extract-raw.js'
import { openLocalWarehouse } from './warehouse/warehouse.js'
import { LOCAL_SUBSTITUTIONS, readWorkflow } from './workflow/workflow-engine.js'

const LOW_DISK_BYTES = 1_000_000_000

type Outcome = Omit<Probe, 'name'>

/** What a run on this machine needs: engine, workflow, home, source, warehouse. */
export class LocalDoctor implements Doctor {
  constructor(private readonly settings: ExtractSettings) {}

  async *probes(signal: AbortSignal): AsyncGenerator<Probe, void> {
    yield await probe('node', async () => ok(`Node ${process.versions.node}`))
    yield await probe('engine', engine)
    yield await probe('workflow', workflow)
    yield await probe('home', () => this.#home())
    yield await probe('disk', () => this.#disk())
    yield await probe('lock', () => this.#lock())
    yield* await this.#source(signal)
    yield await probe('warehouse', () => this.#warehouse())
  }

  async #home(): Promise<Outcome> {
    const { home } = this.settings
    const there = await nearestFolder(home)
    await access(there, constants.W_OK).catch(() => {
      throw new EtlError(`${there} cannot be written`, {
        code: 'IO',
        suggestions: ['rental-etl run --home DIR   # a folder that can be written'],
      })
    })
    return ok(there === home ? `${home} can be written` : `${home} is made by the first run`)
  }

  async #disk(): Promise<Outcome> {
    const { bavail, bsize } = await statfs(await nearestFolder(this.settings.home))
    const free = bavail * bsize
    const text = `${(free / 1e9).toFixed(1)} GB are free; a run keeps a second copy of the warehouse while it works`
    return free < LOW_DISK_BYTES ? { status: 'warn', message: text, mend: 'df -h .   # free some space' } : ok(text)
  }

  async #lock(): Promise<Outcome> {
    const holder = (await exists(this.settings.home)) ? await lockHolder(this.settings.home) : undefined
    if (!holder) return ok('no run is going on')
    const run = holder.runId ?? '@running'
    return { status: 'warn', message: `run ${run} (PID ${holder.pid}) is going on`, mend: `rental-etl watch ${run}` }
  }

  /** A sample source is made outside the home: looking must not change anything. */
  #source(signal: AbortSignal): Promise<Probe[]> {
    return inScratch(async (scratch) => {
      let source: OpenSource | undefined
      const found = await probe('source', async () => {
        source = await this.settings.source({ readOnly: true }).open(scratch, signal)
        return ok('its tables are there')
      })
      const probes = [found]
      if (!source) return probes
      const open = source
      for (const table of SOURCE_TABLES)
        probes.push(await probe(`source ${table.name}`, async () => sourceTable(await open.open(table))))
      return probes
    })
  }

  async #warehouse(): Promise<Outcome> {
    const paths = homePaths(this.settings.home)
    if (!(await exists(paths.warehouse)))
      return { status: 'skip', message: 'there is none yet', mend: 'rental-etl run --watch' }
    const warehouse = await openLocalWarehouse(this.settings.home)
    try {
      const [build] = await warehouse.all<{ run_id: string; as_of: string }>('select run_id, as_of from curated.build')
      if (build) return ok(`shows run ${build.run_id}, as of ${build.as_of}`)
      return { status: 'warn', message: 'curated was not built yet', mend: 'rental-etl resume' }
    } finally {
      warehouse.close()
    }
  }
}

function sourceTable(open: OpenTable): Outcome {
  assertColumns(open)
  const warnings = warningsOf(columnsOf(open))
  const message = `${open.records} rows, every byte looked at`
  return warnings.length === 0
    ? ok(message)
    : { status: 'warn', message: `${message}; ${warnings.join('; ')}`, mend: `head -1 ${shellWord(open.name)}` }
}

async function engine(): Promise<Outcome> {
  const db = await Database.open(':memory:')
  try {
    const [row] = await db.all<{ version: string }>('select version() as version')
    return ok(`DuckDB ${row?.version}`)
  } finally {
    db.close()
  }
}

async function workflow(): Promise<Outcome> {
  await readWorkflow(LOCAL_SUBSTITUTIONS)
  const folders = await Promise.all((['curated', 'presentation', 'checks', 'ledger'] as const).map(readSqlFiles))
  return ok(`workflow and ${folders.flat().length} SQL files are there`)
}

/** The folder, or the nearest one above it that is there. */
async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found?.isDirectory() || dirname(at) === at) return at
  }
}

async function probe(name: string, look: () => Promise<Outcome>): Promise<Probe> {
  try {
    return { name, ...(await look()) }
  } catch (error) {
    if (!(error instanceof EtlError)) throw error
    return { name, status: 'fail', message: error.message, mend: error.suggestions[0] ?? null }
  }
}

function ok(message: string): Outcome {
  return { status: 'ok', message, mend: null }
}
