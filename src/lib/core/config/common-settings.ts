import { asOfDate } from '../run/as-of.js'
import { DEFAULT_GUARDS } from '../run/guards.js'
import { parseCron } from './cron.js'
import type { SettingRow } from './setting-row.js'
import { checkDuration, checkMemory, checkSecret } from './values.js'

/** Settings of every target, and those of one on this machine. */
export const COMMON_SETTINGS = [
  {
    key: 'target',
    flag: { char: 't', helpValue: 'NAME' },
    env: 'RENTAL_ETL_TARGET',
    takes: 'text',
    default: 'local',
    summary: 'Target of rental-etl.yml.',
  },
  {
    key: 'source',
    flag: { helpValue: 'SPEC' },
    env: 'RENTAL_ETL_SOURCE',
    takes: 'text',
    default: 'sample',
    defaultOf: 'local',
    example: 'mysql://etl@db.example.com:3306/rental_db',
    summary: 'Where the rows come from: csv:DIR, mysql://user@host/database or sample[:scale].',
  },
  {
    key: 'source_password',
    kind: 'local',
    takes: 'text',
    check: checkSecret,
    default: null,
    defaultText: 'that of the URL, or `MYSQL_PWD`',
    example: 'env:RENTAL_DB_PASSWORD',
    summary: 'Where the password of a mysql:// source stands: `env:NAME` or `file:PATH`; never the password itself.',
  },
  {
    key: 'home',
    flag: { helpValue: 'DIR' },
    env: 'RENTAL_ETL_HOME',
    takes: 'text',
    default: '.rental-etl',
    summary: 'Folder for lake, warehouse and runs.',
  },
  {
    key: 'as_of',
    takes: 'text',
    check: asOfDate,
    default: null,
    defaultText: 'yesterday in UTC; of the sample its last day',
    example: '2026-06-30',
    summary: 'Logical date of a run: what the views show.',
    above: 'run --as-of',
  },
  {
    key: 'schedule',
    takes: 'text',
    check: parseCron,
    default: '0 2 * * *',
    summary:
      'When the nightly run is due, as five fields of crontab in UTC; `rental-etl schedule` prints the whole line.',
  },
  {
    key: 'grace',
    takes: 'text',
    check: checkDuration,
    default: '2h',
    summary: 'How long after it is due a run may take before `verify --fail-on stale` says that it is late.',
  },
  {
    key: 'memory',
    kind: 'local',
    env: 'RENTAL_ETL_MEMORY',
    takes: 'text',
    check: checkMemory,
    default: null,
    defaultText: 'by the size of the source and of the machine',
    example: '2GB',
    summary: "Limit of the engine's memory, such as 2GB; what does not fit is spilled to the home's disk.",
  },
  {
    key: 'guards.max_deleted',
    takes: 'share',
    default: DEFAULT_GUARDS.max_deleted,
    summary: 'A run that would delete more than this share of a table stops before anything is changed …',
    above: 'run --allow-deletes',
  },
  {
    key: 'guards.max_deleted_min_rows',
    takes: 'count',
    default: DEFAULT_GUARDS.max_deleted_min_rows,
    summary: '… unless the table has no more rows than this.',
  },
  {
    key: 'guards.max_quarantined',
    takes: 'share',
    default: DEFAULT_GUARDS.max_quarantined,
    summary:
      'A run stops if more than this share of a table is bad, before raw is touched; of a table under 10 rows all have to be.',
    above: 'run --allow-rejects',
  },
] as const satisfies readonly SettingRow[]
