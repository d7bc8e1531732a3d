import type { Column } from '../model.js'
import { ident } from './names.js'

/** The engines that the row hash is written for; every other statement of ours is one text for all. */
export type Dialect = 'duckdb' | 'postgres'

/**
 * The canonical text of a column's value (architecture.md, "Technical columns"): NULL as `\N`, booleans 0/1, ISO dates,
 * timestamps with 6 fraction digits, decimals with their full scale.
 * @param value an SQL expression of the column's type
 */
export function canonicalText(value: string, type: Column['type']): string {
  switch (type) {
    case 'VARCHAR':
      return `coalesce(${value}, '\\N')`
    case 'BOOLEAN':
      return `case when ${value} then '1' when not ${value} then '0' else '\\N' end`
    case 'TIMESTAMP':
      // The text of a timestamp has no fraction where it is zero, and no trailing zeros where it is not.
      return `coalesce(rpad(case when length(cast(${value} as varchar)) = 19 then cast(${value} as varchar) || '.' else cast(${value} as varchar) end, 26, '0'), '\\N')`
    default:
      return `coalesce(cast(${value} as varchar), '\\N')`
  }
}

/**
 * The row hash over columns of one relation: the first 15 hex digits of md5 over the canonical texts, joined by U+001F,
 * as a BIGINT (60 bits: among 10 million rows two different ones agree with odds of 1 in 23,000; two versions of one
 * row, which is what the hash decides, with odds of 1 in 10^18).
 */
export function rowHash(columns: readonly Column[], prefix = '', dialect: Dialect = 'duckdb'): string {
  return hashOf(
    columns.map((column) => canonicalText(`${prefix}${ident(column.name)}`, column.type)),
    dialect,
  )
}

/** The row hash from the canonical texts of its columns, in their order. */
export function hashOf(parts: readonly string[], dialect: Dialect = 'duckdb'): string {
  const text = joined(parts)
  return dialect === 'duckdb'
    ? `cast('0x' || substr(md5(${text}), 1, 15) as bigint)`
    : `cast(cast('x' || substr(md5(${text}), 1, 15) as bit(60)) as bigint)`
}

/**
 * The row hash in two steps of which the second reads what the first gives as `digest`: the same number as `hashOf`, a
 * third quicker, since no digits are printed and read again. DuckDB's own: its md5 is a number of 128 bits there, the
 * first byte lowest, so the lower half is turned round, and its last 4 bits fall off.
 */
export function digestOf(parts: readonly string[]): string {
  return `cast(md5_number(${joined(parts)}) & cast(${2n ** 64n - 1n} as uhugeint) as ubigint)`
}

/** @param digest a column that `digestOf` gave */
export function hashOfDigest(digest: string): string {
  const bytes = Array.from({ length: 8 }, (_, at) => {
    const byte = `(${digest} & ${255n << BigInt(8 * at)})`
    const move = 56 - 16 * at
    return move > 0 ? `(${byte} << ${move})` : `(${byte} >> ${-move})`
  })
  return `cast((${bytes.join(' | ')}) >> 4 as bigint)`
}

function joined(parts: readonly string[]): string {
  return `concat(${parts.join(', chr(31), ')})`
}
