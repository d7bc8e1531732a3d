import { SOURCE_TABLES, type SourceTable, type SourceTableName } from '../model.js'
import type { FoundSource, FoundTable } from './found-table.js'
import { type ColumnGuesses, guessColumns } from './guess-columns.js'
import { plainTable, tableMatch } from './guess-names.js'
import { OTHER_TABLES } from './guess-synonyms.js'
import type { SourceMapping, TableMapping } from './mapping.js'

/** What a table or column of the model is in the source, and why. `column` is null for the table itself. */
export interface Guess {
  table: SourceTableName
  column: string | null
  /** A name of the source, or an expression over its columns. */
  from: string
  why: string
}

/** What of the model was not found. Of a table (`column` null) and of a required column a run needs it. */
export interface Missing {
  table: SourceTableName
  column: string | null
  required: boolean
  why: string
}

/** A mapping as it is proposed: what was certain enough, and nothing that is not in the source. */
export interface Proposal {
  mapping: SourceMapping
  guesses: Guess[]
  missing: Missing[]
}

/** For a source that has nothing to map. */
export const NOTHING_TO_MAP: Proposal = { mapping: {}, guesses: [], missing: [] }

/** A table of the model in one of the source. */
interface Pair extends ColumnGuesses {
  table: SourceTable
  source: FoundTable
  score: number
  why: string
  /** Share of the required columns that were found, and whether its whole key was. */
  coverage: number
  keyed: boolean
}

/**
 * What a source's tables and columns are in the model. A source's table is one of the model's, or several with one key:
 * a file of listings may have the columns of `apartments` and those of `apartment_attributes`.
 */
export function guessMapping({ tables, anyCase }: FoundSource): Proposal {
  const readable = tables.filter(({ fault }) => fault === undefined)
  const pairs = SOURCE_TABLES.flatMap((table) =>
    readable.map((source) => pairOf(table, source, guessColumns(table, source, anyCase))),
  )
  const chosen: Pair[] = []
  const doubts = new Map<SourceTableName, string[]>()
  const isOpen = ({ table }: Pair): boolean => !chosen.some((one) => one.table === table) && !doubts.has(table.name)
  const take = (candidates: readonly Pair[]): void => {
    for (const pair of candidates.toSorted((a, b) => b.score - a.score)) {
      if (!isOpen(pair) || !isFree(pair, chosen)) continue
      const rivals = candidates.filter((one) => one.table === pair.table && one !== pair && isFree(one, chosen))
      const alike = rivals.filter(({ score }) => Math.abs(score - pair.score) < 1e-9)
      if (alike.length > 0)
        doubts.set(
          pair.table.name,
          [pair, ...alike].map(({ source }) => source.name),
        )
      else chosen.push(withRivals(pair, rivals))
    }
  }
  const named = pairs.filter(({ why }) => why !== '')
  take(named.filter(({ source, table }) => source.name === table.name))
  take(named.filter(({ keyed, coverage }) => keyed && coverage >= 0.5))
  take(partners(chosen, pairs, anyCase))
  take(pairs.filter(looksLike).map((pair) => ({ ...pair, why: 'by its columns' })))
  take(named.filter(({ coverage }) => coverage > 0))
  return proposalOf(
    SOURCE_TABLES.map((table) => chosen.find((pair) => pair.table === table) ?? table),
    doubts,
  )
}

function pairOf(table: SourceTable, source: FoundTable, columns: ColumnGuesses): Pair {
  const { score, why } = tableMatch(source.name, table)
  const certainty = (name: string): number => columns.found.find(({ column }) => column === name)?.certainty ?? 0
  const required = table.columns.filter((column) => column.required)
  const coverage = required.reduce((sum, { name }) => sum + certainty(name), 0) / required.length
  const keyed = table.key.every((name) => certainty(name) > 0)
  return { table, source, ...columns, score: score + 2 * coverage, why, coverage, keyed }
}

/** A table of the source is one of the model's, unless their rows have one key. */
function isFree({ table, source }: Pair, chosen: readonly Pair[]): boolean {
  return chosen.every((one) => one.source !== source || one.table.key.join() === table.key.join())
}

/** Tables that are a part of what another one of the model is read from; their key is then the same column. */
function partners(chosen: readonly Pair[], pairs: readonly Pair[], anyCase: boolean): Pair[] {
  return pairs.flatMap(({ table, source }) => {
    const partner = chosen.find((one) => one.source === source && one.table !== table)
    if (!partner || partner.table.key.join() !== table.key.join()) return []
    const key = partner.found.find(({ column }) => column === table.key[0])
    const pair = pairOf(table, source, guessColumns(table, source, anyCase, key))
    return pair.keyed && pair.coverage > 0.5
      ? [{ ...pair, why: `its columns stand in the table of ${partner.table.name}` }]
      : []
  })
}

/** By its columns alone a table is taken for one of the model's only where there are many of them, and none says another thing. */
function looksLike({ source, why, keyed, coverage, found }: Pair): boolean {
  return why === '' && keyed && coverage >= 0.6 && found.length >= 5 && !OTHER_TABLES.includes(plainTable(source.name))
}

/** Other tables of the source that have the key, too, and as good a name, are told. */
function withRivals(pair: Pair, rivals: readonly Pair[]): Pair {
  if (pair.source.name === pair.table.name) return pair
  const also = rivals.filter(({ keyed, score }) => keyed && pair.score - score < 0.5).map(({ source }) => source.name)
  return also.length === 0 ? pair : { ...pair, why: `${pair.why}; also: ${also.join(', ')}` }
}

function proposalOf(
  chosen: readonly (Pair | SourceTable)[],
  doubts: ReadonlyMap<SourceTableName, readonly string[]>,
): Proposal {
  const mapping: SourceMapping = {}
  const guesses: Guess[] = []
  const missing: Missing[] = []
  for (const one of chosen) {
    if (!('found' in one)) {
      const could = doubts.get(one.name)
      const why = could ? `not certain: ${could.join(' or ')}?` : 'no table of the source looks like it'
      missing.push({ table: one.name, column: null, required: true, why })
      continue
    }
    const { name } = one.table
    const entry = entryOf(one)
    if (entry) mapping[name] = entry
    guesses.push({ table: name, column: null, from: one.source.name, why: one.why })
    for (const { column, source, expression, why } of one.found)
      guesses.push({ table: name, column, from: expression ?? source, why })
    missing.push(...one.gaps.map((gap) => ({ table: name, ...gap, why: `${gap.why}${signHint(gap.column, one)}` })))
  }
  return { mapping, guesses, missing }
}

/** A sign stands for several currencies, so that none is proposed; but it says which it is not. */
function signHint(column: string, { found }: Pair): string {
  if (column !== 'currency') return ''
  const sign = found.map(({ expression = '' }) => /'([$€£¥₹])'/.exec(expression)?.[1]).find((one) => one !== undefined)
  return sign === undefined ? '' : `, whose amounts have the sign ${sign}`
}

/** What the mapping has to say of a table; nothing where all is named as in the model. */
function entryOf({ table, source, found }: Pair): TableMapping | undefined {
  const columns = found.flatMap(({ column, expression }) =>
    expression === undefined ? [] : [[column, expression] as const],
  )
  if (source.name === table.name && columns.length === 0) return undefined
  return {
    ...(source.name === table.name ? {} : { table: source.name }),
    ...(columns.length === 0 ? {} : { columns: Object.fromEntries(columns) }),
  }
}
