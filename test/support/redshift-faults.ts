/** Words that Redshift keeps for itself; as a name each has to be quoted (Redshift database guide, "Reserved words"). */
const RESERVED = new Set(
  `aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between binary blanksasnull both bytedict
  bzip2 case cast check collate column constraint create credentials cross current_date current_time current_timestamp current_user
  current_user_id default deferrable deflate defrag delta delta32k desc disable distinct do else emptyasnull enable encode encrypt
  encryption end except explicit false for foreign freeze from full globaldict256 globaldict64k grant group gzip having identity ignore
  ilike in initially inner intersect interval into is isnull join language leading left like limit localtime localtimestamp lun luns lzo
  lzop minus mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset oid old on only open or order outer overlaps
  parallel partition percent permissions pivot placing primary qualify raw readratio recover references rejectlog resort respect restore
  right select session_user similar snapshot some sysdate system table tag tdes text255 text32k then timestamp to top trailing true
  truncatecolumns union unique unnest unpivot user using verbose wallet when where with without`
    .split(/\s+/)
    .filter(Boolean),
)

/** What Redshift refuses, or answers otherwise than PostgreSQL does, by name; each is in its guide or in docs/decisions. */
const REFUSED: Record<string, RegExp> = {
  'concat of more than two': /\bconcat\s*\((?:[^(),]|\([^()]*\))*,(?:[^(),]|\([^()]*\))*,/i,
  'bit strings': /\bbit\s*\(|\bb'/i,
  'is distinct from': /\bis\s+(?:not\s+)?distinct\s+from\b/i,
  'filter (where …)': /\bfilter\s*\(\s*where\b/i,
  'semi and anti join': /\b(?:semi|anti|asof|lateral)\s+join\b|\blateral\b/i,
  'nulls first or last in a window': /\bover\s*\([^()]*\bnulls\s+(?:first|last)\b/i,
  'varchar without a length, which is 256 bytes': /\bas\s+(?:varchar|text|char|character varying)\s*\)/i,
  'generate_series and arrays': /\b(?:generate_series|unnest|array_agg|string_to_array)\s*\(|\[|\barray\b/i,
  'values as a table': /\b(?:from|join)\s*\(\s*values\b/i,
  returning: /\breturning\b/i,
  'on conflict': /\bon\s+conflict\b/i,
  'truncate, which commits': /\btruncate\b/i,
  'avg of integers, which truncates': /\bavg\s*\(/i,
  'a target alias in merge': /\bmerge\s+into\s+[\w."]+\s+(?!using\b)\w/i,
  'indexes, triggers, sequences': /\bcreate\s+(?:unique\s+)?(?:index|trigger|sequence)\b|\bnextval\b/i,
  'keys, which are trusted unchecked': /\b(?:primary\s+key|foreign\s+key|references|unique)\b/i,
  'recursion, or a WITH within one': /\bwith\s+recursive\b/i,
  'information_schema, which only the leader knows': /\binformation_schema\b/i,
  'double colon': /::/,
  'escape strings and dollar quotes': /\be'|\$\w*\$/i,
  'several statements': /;/,
}

/** Functions that our texts use, and Redshift has; another one has to be looked up, and put here. */
const KNOWN = new Set(
  `abs cast ceil char_length chr coalesce count date_trunc dense_rank exists floor greatest lag lead least length lower max md5 min mod
  nullif octet_length over position rank replace row_number substring sum translate trim upper varchar decimal numeric distkey sortkey
  in and or not on as when then else by using values from where select partition join union all any having is like between case
  left_side with order interval`
    .split(/\s+/)
    .filter(Boolean),
)

/** The most bytes of a statement, and statements of a transaction (Redshift Data API, "BatchExecuteStatement"). */
export const MOST_BYTES = 100_000
export const MOST_STATEMENTS = 40

/** What in a text for Redshift it would refuse, or read otherwise than it is meant, by name. */
export function redshiftFaults(sql: string): string[] {
  const found: string[] = []
  const literals = [...sql.matchAll(/'(?:[^'\\]|''|\\[\s\S])*'/g)].map(([text]) => text)
  if (literals.some((text) => text.replaceAll('\\\\', '').includes('\\'))) found.push('a backslash that escapes')
  const code = sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\{\{[\w.]+\}\}/g, '0')
    .replaceAll(/'(?:[^'\\]|''|\\[\s\S])*'/g, "''")
    .replaceAll(/"(?:[^"]|"")*"/g, 'quoted_name')
  found.push(...Object.entries(REFUSED).flatMap(([name, pattern]) => (pattern.test(code) ? [name] : [])))
  const calls = [...code.matchAll(/\b([a-z_]\w*)\s*\(/gi)].map(([, name = '']) => name.toLowerCase())
  const unknown = calls.filter((name) => !KNOWN.has(name) && !isTable(name, code))
  found.push(...[...new Set(unknown)].map((name) => `the function ${name}, which nobody has looked up`))
  const names = [...code.matchAll(/\bas\s+([a-z_]\w*)|\.([a-z_]\w*)/gi)].map(([, a, b]) => (a ?? b ?? '').toLowerCase())
  // What follows the AS of a cast or of a view is none.
  const taken = names.filter((name) => RESERVED.has(name) && !['select', 'with', 'timestamp'].includes(name))
  found.push(...[...new Set(taken)].map((name) => `the reserved word ${name} as a name`))
  if (Buffer.byteLength(sql) > MOST_BYTES) found.push(`${MOST_BYTES} bytes and more`)
  return found
}

/** A name before a bracket that is no call: a relation with its columns, or a common table expression. */
function isTable(name: string, code: string): boolean {
  return new RegExp(`\\b(?:into\\s+(?:\\w+\\.)?|exists\\s+(?:\\w+\\.)?|table\\s+(?:\\w+\\.)?)${name}\\s*\\(`, 'i').test(
    code,
  )
}
