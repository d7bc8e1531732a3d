import { ident, identList, sameKey } from '../../../core/sql/names.js'
import type { Keyed } from '../../../core/verify/unique-keys.js'
import type { Database } from './database.js'

/** Numbers between the least key and the greatest, each of which takes a bit of memory. */
const BITS_PER_ROW = 64n
const MOST_BITS = 2n ** 28n
/** Rows that do not rise and are looked at by themselves. */
const MOST_NEAR = 1_000_000

/**
 * True where it is proved, without grouping all rows, that no two of them have the same key; false where that is not known.
 * Of the proofs, the quickest first, one holds of most tables: the first two take a tenth of the time of a group, and hold
 * of those that were loaded whole; the third takes a third of it, and holds when later loads have changed some rows.
 */
export async function isPlainlyUnique(db: Database, table: Keyed): Promise<boolean> {
  return (await fillsBits(db, table)) || (await rises(db, table)) || risesButForFew(db, table)
}

/** As many different numbers as there are rows: each sets a bit of its own. */
async function fillsBits(db: Database, { relation, key }: Keyed): Promise<boolean> {
  const [only, ...others] = key
  if (only?.type !== 'BIGINT' || others.length > 0) return false
  const column = ident(only.name)
  const [ends] = await db.all<{ least: string | null; most: string | null; n: string }>(
    `select min(${column}) as least, max(${column}) as most, count(*) as n from ${relation}`,
  )
  const { least = null, most = null, n = '0' } = ends ?? {}
  if (least === null || most === null) return n === '0'
  const bits = BigInt(most) - BigInt(least) + 1n
  if (bits > MOST_BITS || bits > BigInt(n) * BITS_PER_ROW) return false
  const different = `select bit_count(bitstring_agg(${column}, ${least}, ${most})) from ${relation}`
  return (await db.count(different)) === Number(n)
}

/**
 * No row has less of the last column of the key than the one before it, so that equal keys stand side by side; and no key
 * stands twice among those that have as much as a neighbour. In which order rows are read does not matter, so long as it is
 * one statement that reads them. The first row has none before it, and a NULL is no more and no less than anything: of those
 * that are said to fall the first is always one.
 */
async function rises(db: Database, { relation, key }: Keyed): Promise<boolean> {
  const columns = identList(key.map(({ name }) => name))
  const last = ident(key.at(-1)?.name ?? '')
  const read = `select ${columns}, lag(${last}) over () as before, lead(${last}) over () as after from ${relation}`
  const [found] = await db.all<Record<'near' | 'fallen' | 'twice', string>>(`with near as materialized (
      select * from (${read}) rows_read where (${last} > before) is distinct from true or ${last} = after limit ${MOST_NEAR + 1})
    select (select count(*) from near) as near,
      (select count(*) from near where (${last} >= before) is distinct from true) as fallen,
      (select count(*) from (select 1 from near group by ${columns} having count(*) > 1) t) as twice`)
  if (found === undefined) return false
  return Number(found.near) <= MOST_NEAR && Number(found.fallen) <= 1 && Number(found.twice) === 0
}

/**
 * All rows but a few have more of the last column of the key than every row before them; and of the keys of those few each
 * stands once in the whole table. Of two rows with one key the second is one of the few, since the first has as much. A
 * NULL is one of the few, too, and proves nothing.
 */
async function risesButForFew(db: Database, { relation, key }: Keyed): Promise<boolean> {
  const names = key.map(({ name }) => name)
  const columns = identList(names)
  const last = ident(names.at(-1) ?? '')
  const most = `select ${columns}, max(${last}) over (rows unbounded preceding) as most from ${relation}`
  const before = `select ${columns}, lag(most) over () as most_before from (${most}) rows_read`
  const [found] = await db.all<Record<'few' | 'whole' | 'keys' | 'there', string>>(`with few as materialized (
      select ${columns} from (${before}) rows_before where (${last} > most_before) is distinct from true limit ${MOST_NEAR + 1})
    select (select count(*) from few) as few, (select count(*) from few where ${names.map((name) => `${ident(name)} is not null`).join(' and ')}) as whole,
      (select count(*) from (select distinct ${columns} from few)) as keys,
      (select count(*) from ${relation} r semi join few on ${sameKey(names, 'r', 'few')}) as there`)
  if (found === undefined || Number(found.few) > MOST_NEAR) return false
  return [found.whole, found.keys, found.there].every((n) => n === found.few)
}
