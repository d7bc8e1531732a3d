import type { Guards } from './core/run/guards.js'
import type { QualityOverrides } from './core/verify/quality.js'
import type { BookmarkAudit, BookmarkChanges, ForeignBookmarks } from './ports/bookmarks.js'
import type { Clock } from './ports/clock.js'
import type { Doctor } from './ports/doctor.js'
import type { Launcher } from './ports/launcher.js'
import type { Orchestrator } from './ports/orchestrator.js'
import type { RunStore } from './ports/run-store.js'
import type { SourceCheck } from './ports/source-check.js'
import type { Stack } from './ports/stack.js'
import type { StoredAudit } from './ports/stored-audit.js'
import type { Trace } from './ports/trace.js'
import type { Warehouse } from './ports/warehouse.js'
import type { Settings } from './runtime-settings.js'

/** Told what was found beside the work. */
export type Warn = (text: string) => void

/** A folder under sql/. */
export type SqlFolder = 'checks' | 'ledger' | 'curated' | 'presentation'

/** What a command works with: the adapters of the chosen target, made when they are asked for. */
export interface Runtime {
  target: string
  home: string
  /** As a text, without any password; its folder is absolute. */
  source: string
  /** A flag or the environment named the source. */
  sourceGiven: boolean
  /** Path of rental-etl.yml; undefined where there is none. */
  configPath: string | undefined
  /** Where rental-etl.yml lies, or would lie. */
  configFolder: string
  /** When the nightly run is due: five fields of crontab, in UTC. */
  schedule: string
  guards: Guards
  /** All settings of the target; those above are the ones that most commands need. */
  settings: Settings
  clock: Clock
  /** The as-of date of a run that begins at that moment, or now. */
  defaultAsOf(at?: Date): string
  /**
   * quality.yml beside the configuration file, or {}: its rules are there, and the SQL of its own binds.
   * @throws EtlError CONFIG_INVALID with file and line
   */
  quality(): Promise<QualityOverrides>
  orchestrator(): Promise<Orchestrator>
  runs(): Promise<RunStore>
  launcher(): Promise<Launcher>
  sourceCheck(): Promise<SourceCheck>
  audit(): Promise<StoredAudit>
  /** @throws EtlError NO_WAREHOUSE when there is none yet */
  warehouse(signal?: AbortSignal): Promise<Warehouse>
  bookmarkChanges(): Promise<BookmarkChanges>
  bookmarkAudit(): Promise<BookmarkAudit>
  /** Undefined where nobody else keeps any. */
  foreignBookmarks(): Promise<ForeignBookmarks | undefined>
  trace(): Promise<Trace>
  doctor(): Promise<Doctor>
  /** @throws EtlError USAGE for a target that needs none */
  stack(): Promise<Stack>
  /** Writes a file that the user named. @throws EtlError IO */
  writeText(path: string, text: string): Promise<void>
  /** Files of one folder under sql/, by name without ending. */
  sql(folder: SqlFolder): Promise<Record<string, string>>
}
