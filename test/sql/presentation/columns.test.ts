import { expect, test } from 'vitest'
import { METRICS } from '../../../src/lib/core/metrics/metrics.js'
import { sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()

test('the views have the columns and types of their metrics, in that order', async () => {
  const rows = await cases.db.all<{ table_name: string; columns: string }>(
    `select table_name, string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) as columns
     from information_schema.columns where table_schema = 'presentation' group by table_name`,
  )
  const told = METRICS.map(({ view, columns }) => [
    view,
    Object.entries(columns)
      .map(([name, [type]]) => `${name} ${type}`)
      .join(', '),
  ])
  expect(Object.fromEntries(rows.map(({ table_name, columns }) => [table_name, columns]))).toEqual(
    Object.fromEntries(told),
  )
})
