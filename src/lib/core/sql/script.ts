/**
 * A script is the SQL of a layer as data: its steps in order, one statement each, all in one transaction. What a run
 * brings stands in `{{…}}`. The very steps run on DuckDB, on PostgreSQL in the tests, and on Redshift; which of them a run
 * takes depends on what it found (its manifest) and never on what a step before it gave.
 */
export interface Step {
  /** What it does; unique in a script. */
  name: string
  sql: string
  /** Its rows are read, and say what was done. */
  reads?: boolean
  /** It fails where something does not hold; what is said then. */
  guard?: string
  /** What has to be found for it to be done; without it, it always is. */
  when?: Condition
}

/** The name of the step that takes rows of a table out. */
export function takeOut(table: string): string {
  return `${table}: take out`
}

/** The name of the step that puts rows of a table in. */
export function putIn(table: string): string {
  return `${table}: put in`
}

/** A step is done where its table is loaded in its mode, or where the load brings or clears rejected rows. */
export type Condition = { table: string; mode: string } | { rejects: true }

/** What stands for the `{{…}}` of a script, as SQL. */
export type Places = Readonly<Record<string, string>>

/** A statement with its `{{…}}` filled in. @throws Error for one without a value */
export function filled({ name, sql }: Step, places: Places): string {
  return sql.replaceAll(/\{\{([\w.]+)\}\}/g, (_, place: string) => {
    const value = places[place]
    if (value === undefined) throw new Error(`${name} asks for {{${place}}}, which has no value`)
    return value
  })
}

/**
 * A query that fails where a condition does not hold, and takes the transaction with it. A text is cast to a number,
 * since not every engine fails when it divides by zero.
 * @param holds a condition over one row of `from`
 */
export function guard(name: string, holds: string, message: string, from: string): Step {
  return {
    name,
    guard: message,
    sql: `select cast(case when ${holds} then '1' else '${message}' end as integer) as holds from ${from}`,
  }
}
