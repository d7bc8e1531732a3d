import { EtlError } from '../../../core/errors.js'

/** What is run for a user's statement. */
export interface Fenced {
  /** In one transaction; the last of them is the user's, as it was given. */
  sqls: string[]
  /** Characters of the fence before the user's text, for positions in errors. */
  before: number
}

type Kind = 'word' | 'name' | 'text' | 'symbol'

interface Token {
  kind: Kind
  /** A word in lower case; a name without its quotes. */
  text: string
  /** Where it begins. */
  at: number
}

const PIECES: readonly (readonly [Kind | undefined, RegExp])[] = [
  [undefined, /\s+|--[^\r\n]*/y],
  [undefined, /\/\*(?:(?!\*\/|\/\*)[\s\S])*\*\//y],
  ['text', /'(?:[^'\\]|''|\\[^'])*'/y],
  ['name', /"(?:[^"]|"")*"/y],
  ['word', /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy],
]

/** Statements that only read; WITH and EXPLAIN may go on otherwise, which is looked at. */
const READS = ['select', 'with', 'show', 'explain']
/** What may follow the queries of a WITH, or stand in one of them. */
const WRITES = ['insert', 'update', 'delete', 'merge']
/** Functions that a SELECT can call and that have an effect. */
const REFUSED =
  /^(pg_(terminate|cancel)_backend|set_config|setval|nextval|pg_advisory\w*|pg_(read|ls|stat|reload|rotate|write)_\w+|lo_\w+|dblink\w*|query_to_xml\w*)$/

const FENCE = 'explain select count(*) as n from (\n'

/**
 * What to run for one SELECT (or WITH, SHOW, EXPLAIN of one) that has no effect. A text that could be read in two ways is
 * refused: comments in comments, backslashes before quotes, dollar quotes. In the same transaction, and before the statement,
 * Redshift explains a query that has it in brackets, which is a syntax error for whatever is no SELECT: nothing runs then.
 * @throws EtlError READ_ONLY_SQL, USAGE for no SQL, SQL_ERROR for brackets without their others
 */
export function fenced(sql: string): Fenced {
  const tokens = tokensOf(sql)
  const end = tokens.find(({ text, kind }) => kind === 'symbol' && text === ';')
  const own = end ? tokens.filter(({ at }) => at < end.at) : tokens
  if (tokens.some(({ text, kind, at }) => end && at > end.at && !(kind === 'symbol' && text === ';')))
    throw readOnly('several statements were given; query takes one')
  const code = sql.slice(0, end?.at)
  const [first, second] = own.filter(({ text }) => text !== '(')
  if (first === undefined) throw noSql()
  assertBrackets(own)
  assertReads(own, first)
  if (first.text === 'show' || first.text === 'explain') return { sqls: [sql], before: 0 }
  // A recursion may not stand in brackets.
  if (first.text === 'with' && second?.text === 'recursive')
    return { sqls: [`explain ${code}`, sql], before: 'explain '.length }
  return { sqls: [`${FENCE}${code}\n) as q`, sql], before: FENCE.length }
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < sql.length; ) {
    const { kind, length } = pieceAt(sql, at)
    const text = sql.slice(at, at + length)
    if (kind === 'word') tokens.push({ kind, text: text.toLowerCase(), at })
    else if (kind === 'name') tokens.push({ kind, text: text.slice(1, -1).replaceAll('""', '"'), at })
    else if (kind !== undefined) tokens.push({ kind, text, at })
    at += length
  }
  return tokens
}

function pieceAt(sql: string, at: number): { kind: Kind | undefined; length: number } {
  for (const [kind, pattern] of PIECES) {
    pattern.lastIndex = at
    const found = pattern.exec(sql)?.[0]
    if (found) return { kind, length: found.length }
  }
  const symbol = sql[at] as string
  if (symbol === "'")
    throw readOnly(`a text is not closed, or has a backslash before a quote, which stands twice in a text: ''`)
  if (symbol === '"') throw readOnly('a quoted name is not closed')
  if (symbol === '/' && sql[at + 1] === '*') throw readOnly('a comment is not closed, or holds another one')
  if (symbol === '$') throw readOnly('query takes no $ outside of texts and quoted names')
  if (symbol === '\0') throw readOnly('the SQL holds a NUL character')
  return { kind: 'symbol', length: 1 }
}

/** @throws EtlError SQL_ERROR: what closes a bracket that it did not open would stand outside of the fence */
function assertBrackets(tokens: readonly Token[]): void {
  let depth = 0
  for (const { kind, text } of tokens) {
    if (kind === 'symbol' && text === '(') depth++
    if (kind === 'symbol' && text === ')') depth--
    if (depth < 0) break
  }
  if (depth === 0) return
  throw new EtlError(`a bracket is ${depth > 0 ? 'not closed' : 'closed and was not opened'}`, { code: 'SQL_ERROR' })
}

function assertReads(tokens: readonly Token[], first: Token): void {
  const verb = first.text === 'explain' ? explainedBy(tokens, first) : first
  if (verb.kind !== 'word' || !READS.includes(verb.text) || (verb !== first && !['select', 'with'].includes(verb.text)))
    throw readOnly(`query only reads: it takes a SELECT, and not ${verb.text.toUpperCase()}`)
  for (const [at, { kind, text }] of tokens.entries()) {
    const before = tokens[at - 1]?.text
    const next = tokens[at + 1]?.text
    if (kind === 'word') assertNoVerb(text, before, next)
    if ((kind === 'word' || kind === 'name') && next === '(' && REFUSED.test(text.toLowerCase()))
      throw readOnly(`query only reads: the function ${text} is refused`)
  }
}

function explainedBy(tokens: readonly Token[], first: Token): Token {
  const rest = tokens.slice(tokens.indexOf(first) + 1)
  return rest.find(({ text }) => !['(', 'verbose', 'analyze'].includes(text)) ?? first
}

function assertNoVerb(word: string, before: string | undefined, next: string | undefined): void {
  if (WRITES.includes(word) && (before === '(' || before === ')')) throw refused(word)
  if (word === 'into') throw readOnly('query only reads: SELECT INTO makes a table, and is refused')
  if (word === 'for' && ['update', 'share'].includes(next ?? '')) throw refused('for update')
}

function refused(word: string): EtlError {
  return readOnly(`query only reads: ${word.toUpperCase()} is refused`)
}

function readOnly(message: string): EtlError {
  return new EtlError(message, {
    code: 'READ_ONLY_SQL',
    suggestions: ['rental-etl query "select * from presentation.vw_occupancy_rate_monthly"', 'rental-etl tables'],
  })
}

function noSql(): EtlError {
  return new EtlError('no SQL was given', {
    code: 'USAGE',
    suggestions: ['rental-etl query "select * from presentation.vw_occupancy_rate_monthly"', 'rental-etl query --help'],
  })
}
