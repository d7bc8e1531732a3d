import { METRICS } from '../metrics/metrics.js'
import { WAREHOUSE_TABLES } from '../sql/ddl.js'
import type { SampleRow } from './verify.js'

/** A column of a table or view of the warehouse; of what has no columns, the thing itself. */
export interface Part {
  kind: string
  name: string
  part: string | null
  type: string | null
}

/** What there should be: tables with their columns, and views, by their names with schema. */
export interface Structure {
  tables: ReadonlyMap<string, readonly { name: string; type: string }[]>
  views: readonly string[]
}

export const VIEWS = METRICS.map(({ view }) => `presentation.${view}`)

/** The tables and views of the model, with its types. */
const MODEL: Structure = {
  tables: new Map(WAREHOUSE_TABLES.map(({ name, columns }) => [name, columns])),
  views: VIEWS,
}

/** What in a warehouse is not as it should be. */
export function structureProblems(actual: readonly Part[], { tables, views }: Structure = MODEL): SampleRow[] {
  const strangers = new Set<string>()
  const problems: SampleRow[] = []
  for (const { kind, name, part, type } of actual) {
    if (kind === 'view' && views.includes(name)) continue
    const columns = kind === 'table' ? tables.get(name) : undefined
    if (!columns) strangers.add(`${kind} ${name}`)
    else {
      const known = columns.find((column) => column.name === part)
      if (!known) problems.push({ name, column: part, problem: 'is a column that does not belong here' })
      else if (known.type !== type)
        problems.push({ name, column: part, problem: `is ${type} instead of ${known.type}` })
    }
  }
  for (const [name, columns] of tables) {
    for (const column of columns) {
      if (actual.some((one) => one.kind === 'table' && one.name === name && one.part === column.name)) continue
      problems.push({ name, column: column.name, problem: 'is missing' })
    }
    const there = actual.filter((one) => one.kind === 'table' && one.name === name).map(({ part }) => part)
    const wanted = columns.map((column) => column.name)
    const isSame = there.length === wanted.length && wanted.every((one) => there.includes(one))
    if (isSame && there.join() !== wanted.join())
      problems.push({ name, column: there.join(', '), problem: 'has its columns in another order' })
  }
  const foreign = [...strangers].map((one): SampleRow => {
    const [kind = '', name = ''] = one.split(/ (.*)/s)
    return { name, problem: `is a ${kind} that does not belong here` }
  })
  return [...foreign, ...problems]
}
