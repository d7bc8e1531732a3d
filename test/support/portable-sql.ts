/** What not all of DuckDB, PostgreSQL and Redshift take, or answer alike (architecture.md, "Portable SQL"). */
const FORBIDDEN: Record<string, RegExp> = {
  qualify: /\bqualify\b/i,
  generate_series: /\b(generate_series|range|unnest)\s*\(/i,
  recursion: /\brecursive\b/i,
  'on conflict': /\bon\s+conflict\b/i,
  arrays: /\[|\barray\b/i,
  'double colon': /::/,
  'bound parameters': /\$\d|\?|(?<!:):[a-z_]/i,
  filter: /\)\s*filter\s*\(/i,
  truncate: /\btruncate\b/i,
  'a target alias in merge': /\bmerge\s+into\s+[\w."]+\s+(?!using\b)\w/i,
  'a wall clock': /\b(current_date|current_time|current_timestamp|localtime\w*|now\s*\(|getdate|sysdate|today\s*\()/i,
  'functions of one engine':
    /\b(strftime|strptime|date_diff|datediff|dateadd|date_add|epoch|list_\w+|struct_\w+|string_agg|listagg|arg_max|arg_min|nvl|to_char|median|bool_or|bool_and|any_value|ifnull|iif|try_cast|regexp_\w+|make_date)\s*\(/i,
  'doubles and what gives them': /\b(avg|round|stddev\w*|variance|float\d?|real|double)\b/i,
  intervals: /\binterval\b/i,
  'exclude or replace': /\*\s+(exclude|replace)\b/i,
  'group by all': /\bgroup\s+by\s+all\b/i,
  'distinct on': /\bdistinct\s+on\b/i,
  'distinct from': /\bdistinct\s+from\b/i,
  'semi and anti join': /\b(semi|anti|asof|natural|lateral)\s+join\b|\blateral\b/i,
  'integer division': /\/\//,
  ilike: /\b(ilike|similar\s+to)\b/i,
  limit: /\b(limit|offset)\b/i,
  'several statements': /;/,
}

/** A division is exact where the remainder was taken away: `(a - mod(a, b)) / b`. */
const EXACT_DIVISION = /\(([^()]+) - mod\(\1, ([^()]+)\)\) \/ (?:\2(?![\w.])|\(\2\))/g
const WINDOW = /(\w+)\s*\((?:[^()]|\([^()]*\))*\)\s*over\s*\(([^()]*)\)/gi
const AGGREGATES = new Set(['sum', 'count', 'min', 'max'])

/** What in a text is not of the portable subset, by name. */
export function portableFaults(sql: string): string[] {
  const code = withoutTexts(sql)
  const found = Object.entries(FORBIDDEN).flatMap(([name, pattern]) => (pattern.test(code) ? [name] : []))
  if (/(?<!\/)\/(?!\/)/.test(code.replaceAll(EXACT_DIVISION, ''))) found.push('a division with a remainder')
  const windows = [...code.matchAll(WINDOW)].map(([, name = '', frame = '']) => ({ name: name.toLowerCase(), frame }))
  // Where NULL stands in it is another place in each, and Redshift takes no NULLS LAST there: `order by -n` rises, and is one.
  if (windows.some(({ frame }) => /\bdesc\b/i.test(frame))) found.push('descending order in a window')
  if (windows.some(({ frame }) => /\bnulls\s+(first|last)\b/i.test(frame)))
    found.push('NULLS FIRST or LAST in a window')
  // Redshift asks for the frame, and the default of the others counts peers twice.
  if (windows.some(({ name, frame }) => AGGREGATES.has(name) && /order\s+by/i.test(frame) && !/\brows\b/i.test(frame)))
    found.push('a running aggregate without a frame')
  return found
}

/** What a view may not have beside that. */
export function viewFaults(sql: string): string[] {
  const code = withoutTexts(sql).trim()
  const found: string[] = []
  if (/\border\s+by\b/i.test(code.replaceAll(WINDOW, ''))) found.push('order by')
  if (/(\bselect|,|\.)\s*\*/i.test(code.replace(/\bselect\s+\*\s+from\s+\w+$/i, ''))) found.push('select *')
  return found
}

function withoutTexts(sql: string): string {
  return sql.replaceAll(/--.*$/gm, '').replaceAll(/'(?:[^']|'')*'/g, `''`)
}
