import type { Column } from '../../../core/model.js'
import { ident, literal } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'

/**
 * Rows that a join of two tables holds at a time, and there are two joins: what does not fit in memory goes to disk and
 * back, at twice the cost.
 */
export const SLICE_ROWS = 500_000
/** Each slice reads the table again where its rows do not lie in the order of the column. */
const MOST_SLICES = 16

/** Of so many rows one is looked at to know where slices begin: one of each stretch, so that they are all but the same size. */
const ONE_IN = 97

/** A table of the warehouse, raw or curated. */
interface Sliced {
  columns: readonly Column[]
  key: readonly string[]
}

/**
 * Conditions that cut a table into parts of about as many rows, by the last column of its key, in whose order sources are
 * mostly written: together they hold for every row, each for its own.
 * @param relation the table, with its schema
 */
export async function slicesOf(db: Database, relation: string, { key, columns }: Sliced): Promise<string[]> {
  const rows = await db.count(`select count(*) from ${relation}`)
  const slices = Math.min(MOST_SLICES, Math.ceil(rows / SLICE_ROWS))
  if (slices < 2) return ['true']
  const column = key.at(-1) as string
  const type = columns.find(({ name }) => name === column)?.type
  const shares = Array.from({ length: slices - 1 }, (_, at) => (at + 1) / slices)
  const some = `(select ${ident(column)} as key from ${relation} where rowid % ${ONE_IN} = 0)`
  const found = await db.all<{ bound: string }>(
    `select cast(bound as varchar) as bound from (select distinct unnest(quantile_disc(key, [${shares.join(', ')}])) as bound from ${some})
      where bound is not null order by bound`,
  )
  return between(
    ident(column),
    found.map(({ bound }) => `cast(${literal(bound)} as ${type})`),
  )
}

/** @param bounds rising: each is the least value of a part */
function between(column: string, bounds: readonly string[]): string[] {
  const below = bounds.map((bound) => `${column} < ${bound}`)
  const from = bounds.map((bound) => `${column} >= ${bound}`)
  // What somebody has made NULL stands in the first part.
  const [first] = below
  if (first === undefined) return ['true']
  return [
    `(${first} or ${column} is null)`,
    ...from.map((least, at) => [least, below[at + 1]].filter(Boolean).join(' and ')),
  ]
}
