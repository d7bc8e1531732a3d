import { SOURCE_TABLES } from '../../core/model.js'
import type { Doctor, Probe } from '../../ports/doctor.js'
import { lastRunProbe } from '../doctor/last-run-probe.js'
import { type Outcome, ok, probe, probes } from '../doctor/probe.js'
import { warehouseProbe } from '../doctor/warehouse-probe.js'
import { readSqlFiles } from '../files/sql-files.js'
import { columnsOf, lackText, warningsOf } from '../source/columns.js'
import type { OpenSource, TableLook } from '../source/source.js'
import { diskProbes, homeProbe, limitsProbe } from './doctor-home.js'
import { Database } from './engine/database.js'
import { exists, inScratch } from './home/files.js'
import { homePaths } from './home/paths.js'
import { lockHolder } from './home/run-lock.js'
import { LocalRunStore } from './home/run-store.js'
import type { ExtractSettings } from './jobs/extract-raw.js'
import { foreignChanges } from './warehouse/foreign.js'
import { openLocalWarehouse } from './warehouse/warehouse.js'
import { LOCAL_SUBSTITUTIONS, readWorkflow } from './workflow/workflow-engine.js'

export interface DoctorSettings extends ExtractSettings {
  /** The as-of date that a run of now would have. */
  expectedAsOf(): string
}

/** What a run on this machine needs: engine, workflow, limits, home, disks, source, warehouse; and what came of the last. */
export class LocalDoctor implements Doctor {
  constructor(private readonly settings: DoctorSettings) {}

  async *probes(signal: AbortSignal): AsyncGenerator<Probe, void> {
    yield await probe('node', async () => ok(`Node ${process.versions.node}`))
    yield await probe('engine', engine)
    yield await probe('workflow', workflow)
    yield await probe('limits', limitsProbe)
    const { home } = this.settings
    yield await probe('home', () => homeProbe(home))
    yield* await probes('disk', () => diskProbes(home))
    yield await probe('lock', () => this.#lock())
    yield* await probes('source', () => this.#source(signal))
    yield await probe('warehouse', () => this.#warehouse())
    yield await probe('last run', () => lastRunProbe(new LocalRunStore(home)))
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
        return ok('it is there')
      })
      const probes = [found]
      if (!source) return probes
      const open = source
      try {
        for (const table of SOURCE_TABLES)
          probes.push(await probe(`source ${table.name}`, async () => sourceTable(await open.look(table))))
      } finally {
        // That a file is being written says nothing of what is looked at here.
        await open.close().catch(() => undefined)
      }
      return probes
    })
  }

  async #warehouse(): Promise<Outcome> {
    const paths = homePaths(this.settings.home)
    if (!(await exists(paths.warehouse)))
      return { status: 'skip', message: 'there is none yet', mend: 'rental-etl run --watch' }
    await using warehouse = await openLocalWarehouse(this.settings.home)
    // It is closed at the end.
    return await warehouseProbe(warehouse, this.settings.expectedAsOf(), await foreignChanges(paths))
  }
}

function sourceTable(look: TableLook): Outcome {
  const mend = look.lookAt
  const lack = lackText(look)
  if (lack !== undefined) return { status: 'fail', message: lack, mend }
  const warnings = warningsOf(columnsOf(look))
  const message = `${look.records} rows${look.looked}`
  return warnings.length === 0 ? ok(message) : { status: 'warn', message: `${message}; ${warnings.join('; ')}`, mend }
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
