import type { Proposal } from '../core/config/guess.js'
import { SOURCE_TABLES } from '../core/model.js'

/** A proposed mapping, a line for each column of the model that was found, and what was not found behind them. */
export function guessReport({ guesses, missing }: Proposal): string[] {
  const widest = Math.max(...guesses.map(({ column }) => column?.length ?? 0), 0)
  return SOURCE_TABLES.flatMap(({ name }) => {
    const own = guesses.filter(({ table }) => table === name)
    const lacking = missing.filter(({ table }) => table === name)
    const [table] = own.filter(({ column }) => column === null)
    if (!table) return lacking.map(({ why }) => `${name} ← ?   (${why})`)
    const optional = lacking.filter(({ required }) => !required)
    return [
      `${name} ← ${table.from}   (${table.why})`,
      ...own.flatMap(({ column, from, why }) =>
        column === null ? [] : [`  ${column.padEnd(widest)} ← ${from}   (${why})`],
      ),
      ...lacking.flatMap(({ column, required, why }) =>
        required ? [`  ${column?.padEnd(widest)} ← ?   (${why})`] : [],
      ),
      ...(optional.length > 0 ? [`  optional, and NULL: ${optional.map(({ column }) => column).join(', ')}`] : []),
    ]
  })
}
