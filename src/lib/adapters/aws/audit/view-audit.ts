import { EtlError } from '../../../core/errors.js'
import { METRICS } from '../../../core/metrics/metrics.js'
import { viewContentQuery } from '../../../core/sql/view-content.js'
import { counted, judgeRows, SAMPLE_ROWS } from '../../../core/verify/found.js'
import type { Part } from '../../../core/verify/structure.js'
import { type CheckResult, judge, type SampleRow } from '../../../core/verify/verify.js'
import type { Row, Warehouse } from '../../../ports/warehouse.js'
import { readParts } from './structure.js'

const CHECK = { name: 'views_as_defined', scope: 'views' } as const

/** A view, the columns that it should have and those that are seen, and the query for rows that its text does not give. */
interface Compared {
  view: string
  wanted: string
  seen: string
  sql: string
}

/**
 * The views against sql/presentation: their columns by name, and their rows by value, each as often as the text of this
 * version gives it over curated.
 * @param texts of these files, by view
 */
export async function auditViews(warehouse: Warehouse, texts: Readonly<Record<string, string>>): Promise<CheckResult> {
  const views = comparedViews(await readParts(warehouse), texts)
  const same = views.filter(({ seen, wanted }) => seen === wanted)
  const unseen = views.filter(({ seen }) => seen === '')
  const others = views.filter((view) => !same.includes(view) && !unseen.includes(view))
  const problems: SampleRow[] = others.map(({ view }) => ({ view_name: view, difference: 'has other columns' }))
  // What is not seen may be gone, or may not be read: to read it tells which.
  const rows = await readAll(warehouse, [...same, ...unseen]).catch((error) => {
    if (unseen.length === 0 || !(error instanceof EtlError) || error.code !== 'WAREHOUSE_STRUCTURE') throw error
    problems.push(...unseen.map(({ view }) => ({ view_name: view, difference: 'missing' })))
    return readAll(warehouse, same)
  })
  const sql = views.map((view) => view.sql).join(';\n\n')
  const checks = rows.map((found) => judgeRows({ ...CHECK, sql }, found))
  const bad = checks.reduce((sum, { bad_rows }) => sum + bad_rows, problems.length)
  // The first rows of each, so that no view hides behind another.
  const places = Array.from({ length: SAMPLE_ROWS }, (_, at) => at)
  const sample = places.flatMap((at) => checks.flatMap((check) => check.sample.slice(at, at + 1)))
  return judge({ ...CHECK, severity: 'error', sql }, bad, [...problems, ...sample].slice(0, SAMPLE_ROWS))
}

function comparedViews(parts: readonly Part[], texts: Readonly<Record<string, string>>): Compared[] {
  return METRICS.map(({ view, columns }) => {
    const names = Object.keys(columns)
    const seen = parts.flatMap(({ name, part }) => (name === `presentation.${view}` ? [part] : []))
    return {
      view,
      wanted: names.join(),
      seen: seen.join(),
      sql: viewContentQuery(view, names, texts[view] ?? ''),
    }
  })
}

/** The first bad rows of each view, with its name. */
async function readAll(warehouse: Warehouse, views: readonly Compared[]): Promise<Row[][]> {
  const queries = Object.fromEntries(views.map(({ view, sql }) => [view, counted(sql)]))
  const answers = await warehouse.read<Record<string, Row>>(queries)
  return Object.entries(answers).map(([view_name, rows]) => rows.map((row) => ({ view_name, ...row })))
}
