import type { Row, Warehouse } from '../ports/warehouse.js'

/** Statements whose texts do not wait for each other's answers, and what their rows say. */
export interface Question<Said> {
  statements: Readonly<Record<string, string>>
  answer(rows: Readonly<Record<string, Row[]>>): Said
}

/** @param answer takes the rows of each statement by its name */
export function question<Answers extends Record<keyof Answers, Row>, Said>(
  statements: Readonly<Record<keyof Answers, string>>,
  answer: (rows: { [Name in keyof Answers]: Answers[Name][] }) => Said,
): Question<Said> {
  return { statements, answer: (rows) => answer(rows as { [Name in keyof Answers]: Answers[Name][] }) }
}

/** Several questions as one, which is one trip, and sees one snapshot. */
export function together<Said extends readonly unknown[]>(
  ...questions: { [At in keyof Said]: Question<Said[At]> }
): Question<Said> {
  const all: readonly Question<unknown>[] = questions
  // Each has names of its own.
  const named = ({ statements }: Question<unknown>, at: number): [string, string][] =>
    Object.entries(statements).map(([name, sql]) => [`${at}.${name}`, sql])
  return {
    statements: Object.fromEntries(all.flatMap(named)),
    answer: (rows) =>
      all.map(({ statements, answer }, at) => {
        const own = Object.keys(statements).map((name) => [name, rows[`${at}.${name}`] ?? []] as const)
        return answer(Object.fromEntries(own))
      }) as unknown as Said,
  }
}

/** What a question says; one without statements is no trip. */
export async function ask<Said>(warehouse: Warehouse, { statements, answer }: Question<Said>): Promise<Said> {
  return answer(Object.keys(statements).length === 0 ? {} : await warehouse.read(statements))
}
