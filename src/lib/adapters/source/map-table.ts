import { EtlError } from '../../core/errors.js'
import { ident } from '../../core/sql/names.js'
import { Database } from '../local/engine/database.js'
import { columnText } from './column-text.js'
import type { OpenTable } from './source.js'

/** A table as a mapping makes it of another one. */
export interface MappedTable {
  /** The model's columns that there are, then those of the source that no expression uses. */
  header: string[]
  /** A FROM-clause with the columns of that header, over the source's own. */
  relation(own: string): string
  /** Every column is one of the source's own, at most under another name. */
  renamed: boolean
  /** For each field of the source the column that it is as it stands; empty where it is none. */
  fieldNames: string[]
}

/**
 * @param columns columns of the model with their expressions
 * @throws EtlError SOURCE_SCHEMA for an expression over columns that are not there, CONFIG_INVALID for one that is none
 */
export async function mapTable(
  columns: readonly [column: string, expression: string][],
  source: Pick<OpenTable, 'table' | 'name' | 'header'>,
): Promise<MappedTable> {
  const { table, header } = source
  const expressions = new Map(columns)
  const used = header.map((name) => columns.some(([, text]) => mentions(text, name)))
  // Names are trimmed, so that none begins with a blank as that of a field by its place does.
  const fields = [
    ...header.map((_, at) => `x_${at} as ${field(at)}`),
    ...header.flatMap((name, at) => (used[at] ? [`x_${at} as ${ident(name)}`] : [])),
  ].join(', ')
  const computed = columns.filter(([, text]) => fieldOf(text, header) < 0)
  if (computed.length > 0) await assertExpressions(computed, fields, source)
  const own = table.columns.map(({ name }) => name).filter((name) => expressions.has(name) || header.includes(name))
  const names = [...own, ...header.filter((name, at) => !own.includes(name) && !used[at])]
  const values = names.map((name, at) => {
    const expression = expressions.get(name)
    const own = expression === undefined ? header.indexOf(name) : fieldOf(expression, header)
    return `${own >= 0 ? field(own) : `cast((${expression}\n) as varchar)`} as x_${at}`
  })
  const renames = new Map([...expressions].map(([column, text]) => [fieldOf(text, header), column]))
  return {
    header: names,
    relation: (from) => `(select ${values.join(', ')} from (select ${fields} from ${from}))`,
    renamed: computed.length === 0,
    fieldNames: header.map((name, at) => renames.get(at) ?? (expressions.has(name) ? '' : name)),
  }
}

function field(at: number): string {
  return ident(` ${at}`)
}

/** The place of the column that an expression is, and nothing else; -1 for any other expression. */
function fieldOf(expression: string, header: readonly string[]): number {
  const text = expression.trim()
  const at = header.indexOf(text)
  return at >= 0 ? at : header.findIndex((name) => text === ident(name))
}

/** True where a column stands in an expression, outside its texts. */
function mentions(expression: string, name: string): boolean {
  if (name === '') return false
  if (expression.trim() === name) return true
  const bare = expression.replaceAll(/'(?:[^']|'')*'/g, `''`)
  const [plain, inQuotes] = [name, ident(name)].map((text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
  return new RegExp(`(?<![\\w"])${plain}(?![\\w"])|${inQuotes}`, 'i').test(bare)
}

/** Each by itself: an expression over one row, and so none that makes one row of several. */
async function assertExpressions(
  columns: readonly [column: string, expression: string][],
  fields: string,
  { table, name, header }: Pick<OpenTable, 'table' | 'name' | 'header'>,
): Promise<void> {
  const db = await Database.open(':memory:')
  try {
    const none = header.map((_, at) => `cast(null as varchar) as x_${at}`)
    const rows = `(select ${fields} from (select ${none.join(', ')} where false))`
    for (const [column, expression] of columns) {
      await db.run(`select 1 from ${rows} where cast((${expression}\n) as varchar) is null`).catch((error: Error) => {
        const [why = ''] = error.message.split('\n')
        const lacks = /Referenced column "(.*)" not found/.exec(why)?.[1]
        throw new EtlError(
          `mapping of ${table.name}.${column}: ${lacks === undefined ? why : `${name} has no column ${columnText(lacks)}; it has ${header.map(columnText).join(', ')}`}`,
          {
            code: lacks === undefined ? 'CONFIG_INVALID' : 'SOURCE_SCHEMA',
            suggestions: ['rental-etl doctor   # once the mapping in rental-etl.yml is mended'],
          },
        )
      })
    }
  } finally {
    db.close()
  }
}
