/** An SQL identifier in quotes. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** An SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Identifiers joined by commas, each behind `prefix`. */
export function identList(names: readonly string[], prefix = ''): string {
  return names.map((name) => `${prefix}${ident(name)}`).join(', ')
}

/** The condition that two values differ, of which either may be NULL; no engine but some has a word for it. */
export function differs(left: string, right: string): string {
  return `${left} <> ${right} or (${left} is null) <> (${right} is null)`
}

/** The condition that two relations have the same key. */
export function sameKey(key: readonly string[], left: string, right: string): string {
  return key.map((column) => `${left}.${ident(column)} = ${right}.${ident(column)}`).join(' and ')
}

/**
 * A relation with the rows whose key is none of the others. By a join, since of "not exists" an engine may make two of them,
 * and a group of all keys.
 */
export function rowsBut(others: string, rows: string, key: readonly string[]): string {
  const [first = ''] = key
  return `(select o.* from ${rows} o left join ${others} k on ${sameKey(key, 'k', 'o')} where k.${ident(first)} is null)`
}
