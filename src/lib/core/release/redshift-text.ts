/** A text literal, a quoted name, or a comment: what a backslash or a quote may stand in. */
const PIECE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g

/**
 * A statement of ours as Redshift reads it. There a backslash escapes what follows it in a text literal: `'\N'` is the
 * letter N, and a backslash before the closing quote lets the text go on into the statement. Here, as in standard SQL, it
 * is a letter, so each is written twice. Names and comments stay as they are.
 */
export function redshiftText(sql: string): string {
  return sql.replaceAll(PIECE, (piece) => (piece.startsWith("'") ? piece.replaceAll('\\', '\\\\') : piece))
}
