import type { Cell, Fields, Row } from '../core/trace/facts.js'
import type { Status, TraceStep } from '../core/trace/steps.js'
import type { Traced } from '../core/trace/verdict.js'
import { countText } from '../core/words/count-text.js'
import { paint, type Style } from './paint.js'
import { visible } from './terminal.js'

const LETTERS = 60
const STYLES: Readonly<Partial<Record<Status, Style>>> = {
  ...{ found: 'green', fed: 'green', bad: 'yellow', open: 'yellow', filtered: 'yellow', not_read: 'yellow' },
  ...{ superseded: 'yellow', deleted: 'yellow', outdated: 'yellow', gone: 'yellow', not_loaded: 'yellow' },
}
/** The widest of them. */
const PLACE = 'presentation'.length
const STATUS = 'superseded'.length

/**
 * The way of a key as text: a line for each place, and below it the file, and the values where they first stand and where
 * they change.
 */
export function traceReport({ kind, key, verdict, steps }: Traced): string {
  const shown = new Map<string, Cell>()
  const lines = steps.flatMap((step, at) => {
    const before = steps[at - 1]
    const place = step.place === before?.place ? '' : step.place
    const head = [place.padEnd(PLACE), paint(STYLES[step.status] ?? 'gray', step.status.padEnd(STATUS)), headOf(step)]
    const file = step.file === null || step.file === before?.file ? [] : [visible(step.file)]
    return [head.join('  ').trimEnd(), ...[...file, ...valueTexts(step, shown)].map((text) => `    ${text}`)]
  })
  return [`${kind} ${key}`, '', ...lines, '', `verdict: ${paint('bold', visible(verdict))}`].join('\n')
}

function headOf(step: TraceStep): string {
  const { relation, rule, id, line, note } = step
  const what = [
    relation.replace(/^\w+\./, ''),
    line === null ? null : `line ${countText(line)}`,
    rule,
    id === null ? null : `id ${id}`,
    ...runTexts(step),
    ...technicalTexts(step),
    rowsText(step),
    note,
  ]
  return visible(what.filter((text) => text !== null).join(', '))
}

function runTexts({ place, run_id, cleared_run_id }: TraceStep): (string | null)[] {
  // Curated and the views are all of one run.
  const isNamed = place === 'quarantine' || place === 'raw' || place === 'lake'
  return [
    isNamed && run_id !== null ? `run ${run_id}` : null,
    cleared_run_id === null ? null : `cleared by run ${cleared_run_id}`,
  ]
}

/** What raw says of a row beside its values; of others the nullified columns. */
function technicalTexts({ row }: TraceStep): (string | null)[] {
  if (row === null || isFields(row)) return []
  const { _load_seq: load, _superseded: copies, _nullified: nullified } = row
  return [
    load === undefined ? null : `load ${load}`,
    copies === undefined || copies === '0' ? null : `${copies} superseded`,
    nullified === undefined || nullified === null ? null : `nullified: ${nullified}`,
  ]
}

function rowsText({ place, rows, status }: TraceStep): string | null {
  if (rows < 2 || status === 'gone') return null
  return `${countText(rows)} ${place === 'lake' ? 'copies' : 'rows'}`
}

function valueTexts({ row, newest, rows }: TraceStep, shown: Map<string, Cell>): string[] {
  const lists = newest.map((one) => pairsText(one))
  const more = newest.length > 0 && rows > newest.length ? ['…'] : []
  const own = row === null ? [] : [isFields(row) ? fieldsText(row, shown) : news(row, shown)]
  return [...own, ...lists, ...more].filter((text) => text !== '')
}

function isFields(row: Row | Fields): row is Fields {
  return Array.isArray(row)
}

/** Fields without names, unless the same were shown before. */
function fieldsText(fields: Fields, shown: Map<string, Cell>): string {
  const text = fields.map((field) => valueText(field)).join(' | ')
  const isKnown = shown.get(NAMELESS) === text
  shown.set(NAMELESS, text)
  return isKnown ? '' : text
}

/** No column is called so: names are trimmed. */
const NAMELESS = ' '

/** What was not shown yet, or was something else in the place before. */
function news(row: Row, shown: Map<string, Cell>): string {
  const values = Object.entries(row).filter(([name]) => !name.startsWith('_'))
  const fresh = values.filter(([name, value]) => !shown.has(name) || shown.get(name) !== value)
  for (const [name, value] of values) shown.set(name, value)
  return pairsText(Object.fromEntries(fresh))
}

function pairsText(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => `${visible(name)} ${valueText(value)}`)
    .join(', ')
}

function valueText(value: Cell): string {
  if (value === null) return 'NULL'
  const text = visible(String(value))
  return text.length > LETTERS ? `${text.slice(0, LETTERS)}…` : text
}
