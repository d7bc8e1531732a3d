import type { SourceTable } from '../../../core/model.js'
import { columnNames } from '../../../core/sql/ddl.js'
import { identList, sameKey } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'
import type { TypedSelect } from '../engine/typing.js'

/** Bits for each key that is looked for, so that few other rows are taken for one; a power of two up to 8 MB. */
const BITS_PER_KEY = 64
const MOST_BITS = 2 ** 26

/** Makes the temp table `copies`: the keys that stand more than once among the good rows of the source. */
export async function findCopies(db: Database, table: SourceTable, rows: string): Promise<void> {
  const key = identList(table.key)
  await db.run(
    `create or replace temp table copies as select ${key} from ${rows} where "_rule" is null group by ${key} having count(*) > 1`,
  )
}

/**
 * Makes the temp tables `copied`, the keys that stand more than once in some good rows, and `placed`, all their rows with
 * their place among them in the source. A join gives up the order of the file and a filter keeps it, so the source is read
 * once more through a filter on hashes of the keys; not where all copies of each key are the same.
 * @param good a FROM-clause with its condition
 * @returns whether there are any
 */
export async function placeCopies(
  db: Database,
  table: SourceTable,
  typed: TypedSelect,
  good: string,
): Promise<boolean> {
  const key = identList(table.key)
  const columns = columnNames(table.columns)
  await db.run(`create or replace temp table copied as select ${key} ${good} group by ${key} having count(*) > 1`)
  const keys = await db.count('select count(*) from copied')
  if (keys === 0) return false
  const copied = (row: string): string => `exists (select 1 from copied c where ${sameKey(table.key, 'c', row)})`
  const rows = `(select ${columns}, "_nullified" ${good}) g where ${copied('g')}`
  const differing = await db.count(
    `select count(*) from (select ${key} from (select distinct * from ${rows}) group by ${key} having count(*) > 1)`,
  )
  if (differing === 0) {
    await db.run(`create or replace temp table placed as select *, row_number() over () as "_place" from ${rows}`)
    return true
  }
  const bits = Math.min(MOST_BITS, 2 ** Math.ceil(Math.log2(keys * BITS_PER_KEY)))
  const bit = `cast(hash(${key}) & ${bits - 1} as integer)`
  await db.run(`set variable copied_bits = (select bitstring_agg(${bit}, 0, ${bits - 1}) from copied)`)
  await db.inOrder(() =>
    db.run(`create or replace temp table near as
      select ${columns}, "_nullified" from (${typed.sql}) where "_rule" is null and get_bit(getvariable('copied_bits'), ${bit}) = 1
      ${typed.order}`),
  )
  await db.run(
    `create or replace temp table placed as select n.*, n.rowid + 1 as "_place" from near n where ${copied('n')}`,
  )
  return true
}
