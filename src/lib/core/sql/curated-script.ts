import { CURATED_TABLES, type CuratedTable } from '../model.js'
import { BUILD, CHANGED_KEYS, columnNames } from './ddl.js'
import { differs, ident, literal, sameKey } from './names.js'
import { guard, type Step } from './script.js'
import { CHANGED_BY_TABLE, curatedStatements, incrementalText, viewStatement } from './statements.js'

/** Texts of the files under sql/, by name. */
export interface CuratedTexts {
  curated: Readonly<Record<string, string>>
  ledger: Readonly<Record<string, string>>
  /** Views are made anew in the transaction; without them they are left as they are. */
  presentation?: Readonly<Record<string, string>>
}

/** A row of the last step: what the build did. */
export interface CuratedCount {
  table_name: string
  /** `inserted`, `updated`, `unchanged`, `deleted`; `rows_in`, and what the ledger's rules leave out. */
  effect: string
  n: string
}

const OWN = ['inserted', 'updated', 'unchanged', 'deleted', 'rows_in']

/** From the whole of raw into empty tables, from the whole of raw, or from the keys that changed since the last build. */
export type CuratedMode = 'first' | 'full' | 'incremental'

/**
 * The steps of job `redshift_raw_to_curated`: curated and the calendar as of a date. Places: `run_id`, `as_of`.
 * @param mode `first` only where the tables are empty: nothing is compared then, since each row is a new one
 */
export function curatedScript(mode: CuratedMode, texts: CuratedTexts): Step[] {
  return [
    { name: 'count', sql: 'create temp table build_counts (table_name varchar(64), effect varchar(65535), n bigint)' },
    { name: 'clear the build', sql: 'delete from curated.build' },
    {
      name: 'write the build',
      sql: `insert into curated.build (${columnNames(BUILD)}) select '{{run_id}}', cast('{{as_of}}' as date), coalesce(max(seq), 0) from raw_data.load_log`,
    },
    ...CURATED_TABLES.flatMap((table) => tableSteps(table, mode, texts)),
    ...replace('dim_dates', text(texts.curated, 'dim_dates'), 'full'),
    ...Object.keys(CHANGED_KEYS).map((name) => ({
      name: `clear ${name.replace('_', ' ')}`,
      sql: `delete from curated.${name}`,
    })),
    guard('curated balances', 'count(*) = 0', 'curated does not balance', `(${UNBALANCED}) unbalanced`),
    ...Object.entries(texts.presentation ?? {}).map(([name, view]) => ({
      name: `define ${name}`,
      sql: viewStatement(name, view),
    })),
    { name: 'what was done', sql: 'select table_name, effect, n from build_counts', reads: true },
  ]
}

/** Replaces the rows of one table, and counts them on both sides. */
function tableSteps(table: CuratedTable, mode: CuratedMode, texts: CuratedTexts): Step[] {
  const target = `curated.${table.name}`
  const changed = `curated.${CHANGED_BY_TABLE[table.name]}`
  const scope =
    mode !== 'incremental' ? '' : ` where exists (select 1 from ${changed} c where ${sameKey(table.key, 'c', 't')})`
  const rows = `select ${columnNames(table.columns)} from ${target} t${scope}`
  const ledger = text(texts.ledger, table.name)
  const keep = { name: `${table.name}: keep what was`, sql: `create temp table old_${table.name} as ${rows}` }
  const compared = `(
        select ${effect(table)} as effect
        from old_${table.name} o full outer join (${rows}) n on ${sameKey(table.key, 'o', 'n')}) compared`
  const allNew = `(select 'inserted' as effect from ${target}) added`
  return [
    ...(mode === 'first' ? [] : [keep]),
    ...replace(table.name, text(texts.curated, table.name), mode === 'incremental' ? mode : 'full'),
    {
      name: `${table.name}: count`,
      sql: `insert into build_counts select ${literal(table.name)}, effect, count(*) from ${mode === 'first' ? allNew : compared}
        group by effect`,
    },
    {
      name: `${table.name}: count by the ledger`,
      sql: `insert into build_counts select ${literal(table.name)}, rule, n from (
${mode === 'incremental' ? incrementalText(ledger) : ledger}
) rules where n > 0 or rule = 'rows_in'`,
    },
  ]
}

function effect({ key, columns }: CuratedTable): string {
  const first = ident(key[0] as string)
  const others = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => ident(name))
  const changes = others.map((name) => differs(`o.${name}`, `n.${name}`)).join(' or ')
  return `case when o.${first} is null then 'inserted' when n.${first} is null then 'deleted' when ${changes} then 'updated' else 'unchanged' end`
}

function replace(name: string, sql: string, mode: 'full' | 'incremental'): Step[] {
  const [takeOut = '', putIn = ''] = curatedStatements(name, sql, mode)
  return [
    { name: `${name}: take out`, sql: takeOut },
    { name: `${name}: put in`, sql: putIn },
  ]
}

/** Tables of which not every row is accounted for: rows in are rows out and those that a rule left out. */
const UNBALANCED = `select table_name from build_counts group by table_name having sum(
      case
        when effect = 'rows_in' then n
        when effect in ('inserted', 'updated', 'unchanged') then -n
        when effect = 'deleted' or effect like 'beside:%' then 0
        else -n
      end) <> 0`

/** True for a count of the ledger's rules, and not of what the build did. */
export function isRule(effect: string): boolean {
  return !OWN.includes(effect) && !effect.startsWith('beside:')
}

function text(files: Readonly<Record<string, string>>, name: string): string {
  const found = files[name]
  if (found === undefined) throw new Error(`sql file of ${name} is missing`)
  return found
}
