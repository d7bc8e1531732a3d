import { query, withEngine } from './engine.mjs'

/**
 * Compares raw and curated of several warehouses by value, in the columns that the first has.
 * @param warehouses name and file, the load by hand first
 * @returns rows by table
 * @throws Error where one of them holds other rows: a bench must not compare work that differs
 */
export async function agreedRows(warehouses) {
  return withEngine(':memory:', async (db) => {
    for (const [name, file] of Object.entries(warehouses)) await query(db, `attach '${file}' as ${name} (read_only)`)
    const [first, ...others] = Object.keys(warehouses)
    const tables = await query(
      db,
      `select schema_name || '.' || table_name as name,
          string_agg('"' || column_name || '"', ', ' order by column_index) as columns
        from duckdb_columns()
        where database_name = '${first}' and schema_name in ('raw_data', 'curated')
          and table_name in (select table_name from duckdb_tables() where database_name = '${first}')
        group by all order by all`,
    )
    const rows = {}
    for (const { name, columns } of tables) {
      const content = async (warehouse) => {
        const [{ n, digest }] = await query(
          db,
          `select count(*) as n, cast(bit_xor(hash(${columns})) as varchar) as digest from ${warehouse}.${name}`,
        )
        return { n, digest }
      }
      const expected = await content(first)
      for (const other of others) {
        const found = await content(other)
        if (found.n !== expected.n || found.digest !== expected.digest) {
          throw new Error(`${name} differs: ${expected.n} rows ${first}, ${found.n} rows ${other}`)
        }
      }
      rows[name] = Number(expected.n)
    }
    return rows
  })
}
