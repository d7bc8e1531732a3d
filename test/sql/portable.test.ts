import { expect, test } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'

/** What not all of DuckDB, PostgreSQL and Redshift take, or answer alike (architecture.md, "Portable SQL"). */
const FORBIDDEN: Record<string, RegExp> = {
  qualify: /\bqualify\b/i,
  generate_series: /\b(generate_series|range|unnest)\s*\(/i,
  recursion: /\brecursive\b/i,
  'on conflict': /\bon\s+conflict\b/i,
  arrays: /\[|\barray\b/i,
  'double colon': /::/,
  filter: /\)\s*filter\s*\(/i,
  truncate: /\btruncate\b/i,
  'a wall clock': /\b(current_date|current_timestamp|now\s*\(|getdate|sysdate)/i,
  'functions of one engine':
    /\b(strftime|strptime|date_diff|datediff|dateadd|date_add|epoch|list_\w+|struct_\w+|string_agg|listagg|arg_max|arg_min|nvl|to_char|median|bool_or|bool_and|any_value|ifnull|iif|try_cast|regexp_\w+|make_date)\s*\(/i,
  'exclude or replace': /\*\s+(exclude|replace)\b/i,
  'group by all': /\bgroup\s+by\s+all\b/i,
  'semi and anti join': /\b(semi|anti|asof)\s+join\b/i,
  'integer division': /\/\//,
  ilike: /\b(ilike|similar\s+to)\b/i,
  limit: /\blimit\b/i,
}

function faults(sql: string): string[] {
  const code = sql.replaceAll(/--.*$/gm, '').replaceAll(/'(?:[^']|'')*'/g, `''`)
  return Object.entries(FORBIDDEN)
    .filter(([, pattern]) => pattern.test(code))
    .map(([name]) => name)
}

const folders = ['curated', 'presentation', 'checks', 'ledger'] as const
const files = (
  await Promise.all(folders.map(async (folder) => (await readSqlFiles(folder)).map((file) => ({ folder, ...file }))))
).flat()

test.each(files.map(({ folder, name, text }) => [`${folder}/${name}`, text]))(
  'sql/%s keeps to what all three engines take',
  (path = '', text = '') => {
    expect(faults(text)).toEqual([])
    expect(faults(text.replaceAll(/^(\s*)-- incremental: /gm, '$1'))).toEqual([])
    expect(text).toMatch(/^-- grain: one row per /m)
    if (path.startsWith('presentation/'))
      expect(text.replaceAll(/over\s*\([^)]*\)/gi, '')).not.toMatch(/\border\s+by\b/i)
  },
)

test.each([
  ['select 1 qualify row_number() over () = 1', 'qualify'],
  ['select * from generate_series(1, 2)', 'generate_series'],
  ['with recursive a as (select 1) select 1', 'recursion'],
  ['select a::int', 'double colon'],
  ['select count(*) filter (where a)', 'filter'],
  ['select current_date', 'a wall clock'],
  ['select nvl(a, 1)', 'functions of one engine'],
  ['select * from a anti join b on true', 'semi and anti join'],
  ['select a // b', 'integer division'],
  ['select [1, 2]', 'arrays'],
])('%s is found', (sql, fault) => {
  expect(faults(sql)).toEqual([fault])
})
