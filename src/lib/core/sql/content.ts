import type { CuratedTable } from '../model.js'
import { differs, ident, sameKey } from './names.js'

/**
 * Rows in which a curated table differs in any value from what its SQL gives over raw.
 * @param expected the table's SQL
 * @param slice a condition on the key: the others are not looked at
 */
export function curatedQuery(table: CuratedTable, expected: string, slice = 'true'): string {
  const others = table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => ident(name))
  const changes = others.map((name) => ` or ${differs(`e.${name}`, `a.${name}`)}`).join('')
  const first = ident(table.key[0] as string)
  return `select ${table.key.map((name) => `coalesce(e.${ident(name)}, a.${ident(name)}) as ${ident(name)}`).join(', ')},
      case when a.${first} is null then 'missing' when e.${first} is null then 'not in raw' else 'differs from raw' end as difference
    from (select * from (
${expected}
) x where ${slice}) e
    full outer join (select * from curated.${table.name} where ${slice}) a on ${sameKey(table.key, 'e', 'a')}
    where e.${first} is null or a.${first} is null${changes}`
}
