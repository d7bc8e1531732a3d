import { CURATED_TABLES, type CuratedTable } from '../model.js'
import { BUILD, CHANGED_KEYS, columnNames } from './ddl.js'
import { differs, ident, literal, sameKey } from './names.js'
import { guard, putIn, type Step, takeOut } from './script.js'
import { CHANGED_BY_TABLE, curatedStatements, incrementalText, newRows, viewStatement } from './statements.js'

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

/**
 * Tables that hold every row of a table of raw: they are built in its order where an engine has one, and `verify` holds the
 * two against each other in that order. Where rows are left out, an engine has to pack again what its threads have written.
 */
export const IN_ORDER: readonly string[] = ['fact_user_views']

/** From the whole of raw into empty tables, from the whole of raw, or from the keys that changed since the last build. */
export type CuratedMode = 'first' | 'full' | 'incremental'

/**
 * The steps of job `redshift_raw_to_curated`: curated and the calendar as of a date. Places: `run_id`, `as_of`.
 * @param mode `first` only where the tables are empty: nothing is compared then, since each row is a new one
 */
export function curatedScript(mode: CuratedMode, texts: CuratedTexts): Step[] {
  return [
    { name: 'count', sql: `create temp table build_counts ${mode === 'incremental' ? SIZES_BEFORE : COUNTS}` },
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

const COUNTS = '(table_name varchar(64), effect varchar(65535), n bigint)'

/** Rows of whole tables before and after their changed keys were replaced. */
const BEFORE = 'beside:rows before'
const AFTER = 'beside:rows after'

const SIZES_BEFORE = `as ${CURATED_TABLES.map(
  ({ name }) =>
    `select cast(${literal(name)} as varchar(64)) as table_name, cast(${literal(BEFORE)} as varchar(65535)) as effect, count(*) as n from curated.${name}`,
).join('\n      union all ')}`

/** Replaces the rows of one table, and counts them on both sides. */
function tableSteps(table: CuratedTable, mode: CuratedMode, texts: CuratedTexts): Step[] {
  const { name } = table
  const ledger = text(texts.ledger, name)
  const steps = replace(name, text(texts.curated, name), mode === 'incremental' ? mode : 'full')
  if (mode === 'incremental') return [keep(table, mode), ...steps, countChanges(table, incrementalText(ledger))]
  const count = (rows: string): Step => ({ name: `${name}: count`, sql: `${INTO_COUNTS} ${rows}` })
  const all = `select ${columnNames(table.columns)} from curated.${name}`
  return [
    ...(mode === 'first'
      ? [...steps, count(`select ${literal(name)}, 'inserted', count(*) from curated.${name} having count(*) > 0`)]
      : [keep(table, mode), ...steps, count(effects(table, `(${all})`))]),
    { name: `${name}: count by the ledger`, sql: `${INTO_COUNTS} ${rules(table, ledger)}` },
  ]
}

const INTO_COUNTS = 'insert into build_counts'

/** Keeps the rows that are replaced. */
function keep({ name, key, columns }: CuratedTable, mode: CuratedMode): Step {
  const changed = `select 1 from curated.${CHANGED_BY_TABLE[name]} c where ${sameKey(key, 'c', 't')}`
  const scope = mode === 'incremental' ? ` where exists (${changed})` : ''
  const rows = `select ${columnNames(columns)} from curated.${name} t${scope}`
  return { name: `${name}: keep what was`, sql: `create temp table old_${name} as ${rows}` }
}

/**
 * Counts by what was put in, in one statement with the ledger: a scan for the rows of the changed keys alone would cost as
 * much as putting them in. That the table has these rows, and no other row came or went, shows in its size (`UNBALANCED`).
 */
function countChanges(table: CuratedTable, ledger: string): Step {
  const { name } = table
  return {
    name: `${name}: count by the ledger`,
    sql: `${INTO_COUNTS} ${effects(table, newRows(name))}
      union all select ${literal(name)}, ${literal(AFTER)}, count(*) from curated.${name}
      union all ${rules(table, ledger)}`,
  }
}

/** What became of the rows that were kept, and which came. */
function effects(table: CuratedTable, rows: string): string {
  return `select ${literal(table.name)}, effect, count(*) from (
        select ${effect(table)} as effect
        from old_${table.name} o full outer join ${rows} n on ${sameKey(table.key, 'o', 'n')}) compared
      group by effect`
}

function rules({ name }: CuratedTable, ledger: string): string {
  return `select ${literal(name)}, rule, n from (
${ledger}
) rules where n > 0 or rule = 'rows_in'`
}

function effect({ key, columns }: CuratedTable): string {
  const first = ident(key[0] as string)
  const others = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => ident(name))
  const changes = others.map((name) => differs(`o.${name}`, `n.${name}`)).join(' or ')
  return `case when o.${first} is null then 'inserted' when n.${first} is null then 'deleted' when ${changes} then 'updated' else 'unchanged' end`
}

function replace(name: string, sql: string, mode: 'full' | 'incremental'): Step[] {
  const statements = curatedStatements(name, sql, mode)
  return [
    ...(statements.prepare === undefined ? [] : [{ name: `${name}: prepare`, sql: statements.prepare }]),
    { name: takeOut(name), sql: statements.takeOut },
    { name: putIn(name), sql: statements.putIn },
  ]
}

/**
 * Tables of which not every row is accounted for: rows in are rows out and those that a rule left out; and where only the
 * changed keys were replaced, the table has grown by the rows that came and went.
 */
const UNBALANCED = `select table_name from build_counts group by table_name having sum(
      case
        when effect = 'rows_in' then n
        when effect in ('inserted', 'updated', 'unchanged') then -n
        when effect = 'deleted' or effect like 'beside:%' then 0
        else -n
      end) <> 0
      or sum(case when effect = ${literal(AFTER)} then 1 else 0 end) > 0 and sum(
      case
        when effect in (${literal(BEFORE)}, 'inserted') then n
        when effect in (${literal(AFTER)}, 'deleted') then -n
        else 0
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
