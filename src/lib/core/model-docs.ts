import type { Metric } from './metrics/metrics.js'
import { type Column, type CuratedTable, SOURCE_TABLES, type SourceTable } from './model.js'
import type { QualityRule } from './verify/quality.js'

/**
 * The source tables as Markdown, one table of columns for each; docs/data.md holds this text.
 * @returns lines joined by LF, without a blank line at either end
 */
export function sourceTablesMarkdown(tables: readonly SourceTable[] = SOURCE_TABLES): string {
  return tables.map(sourceTableMarkdown).join('\n\n')
}

/** Tables and their keys and columns in one Markdown table, for layers behind the source. */
export function tableListMarkdown(tables: readonly CuratedTable[]): string {
  const rows = tables.map(({ name, key, columns }) => [code(name), names(key), columns.map(typed).join(', ')])
  return markdownTable(['table', 'key', 'columns'], rows)
}

/** The quality rules in one Markdown table, by name; docs/configuration.md holds it. */
export function rulesMarkdown(rules: readonly QualityRule[]): string {
  const rows = rules.map(({ name, scope, severity, message }) => [code(name), scope, severity, message])
  return markdownTable(['rule', 'scope', 'severity', 'says'], rows)
}

/** The metrics in one Markdown table; docs/metrics.md holds it, and below it the columns of each. */
export function metricsMarkdown(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, view, grain, filters, rank }) => [
    ...[code(name), code(view), grain],
    names(Object.keys(filters).map((filter) => `--${filter}`)) || 'none',
    rank === undefined ? 'no' : `by ${code('column' in rank ? rank.column : rank.measure)}`,
  ])
  return markdownTable(['metric', 'view', 'grain', 'filters', code('--top')], rows)
}

export function metricColumnsMarkdown({ columns }: Metric): string {
  const rows = Object.entries(columns).map(([name, [type, meaning]]) => [code(name), type, meaning])
  return markdownTable(['column', 'type', 'meaning'], rows)
}

function sourceTableMarkdown({ name, raw, key, columns, bookmark, latestBy }: SourceTable): string {
  const survivor = latestBy ? `greatest ${code(latestBy)}, then last in the file` : 'last in the file'
  const facts = [
    `raw table ${code(`raw_data.${raw}`)}`,
    `key ${names(key)}`,
    `bookmark ${code(bookmark.column)}${bookmark.inclusive ? ' (inclusive)' : ''}`,
    `of several rows with one key survives: ${survivor}`,
  ]
  const rows = columns.map((column) => [code(column.name), column.type, need(column, key)])
  return [`### ${name}`, '', `${facts.join('; ')}.`, '', markdownTable(['column', 'type', 'must be there'], rows)].join(
    '\n',
  )
}

function need(column: Column, key: readonly string[]): string {
  if (key.includes(column.name)) return 'yes, never NULL'
  return column.required ? 'yes' : 'no'
}

function typed({ name, type }: Column): string {
  return `${code(name)} ${type}`
}

function names(columns: readonly string[]): string {
  return columns.map(code).join(', ')
}

function code(text: string): string {
  return `\`${text}\``
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
