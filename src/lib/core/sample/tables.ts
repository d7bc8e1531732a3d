import { type SourceTableName, sourceTable } from '../model.js'
import { bookings } from './bookings.js'
import { apartments, attributes } from './listings.js'
import { Dirt } from './oddities.js'
import { views } from './views.js'
import { createWorld, type Row, type SampleDay, type World } from './world.js'

/** A piece of a CSV file, in whole records. */
export interface SampleChunk {
  text: string
  /** Records in it, without the header. */
  rows: number
}

const ROWS: Record<SourceTableName, (world: World) => Generator<Row>> = {
  apartments,
  apartment_attributes: attributes,
  bookings,
  user_viewing: views,
}

const CHUNK_ROWS = 2000

/** How many rows later a second row of the same key stands. */
const COPY_AFTER = 50

/** The CSV file of a table, piece by piece; the same options give the same bytes, in memory that does not grow. */
export function* sampleTable(name: SourceTableName, options: SampleDay): Generator<SampleChunk, void> {
  const table = sourceTable(name)
  const world = createWorld(options)
  const dirt = new Dirt(world, table)
  const copies: { due: number; fields: string[] }[] = []
  let lines = [table.columns.map((column) => column.name).join(',')]
  let rows = 0
  let seen = 0
  const add = (fields: readonly string[]): void => {
    lines.push(line(fields))
    rows++
  }
  for (const row of ROWS[name](world)) {
    const { now, later } = dirt.recordsOf(row)
    if (now) add(now)
    if (later) copies.push({ due: seen + COPY_AFTER, fields: later })
    seen++
    while (copies[0] !== undefined && copies[0].due <= seen) add((copies.shift() as { fields: string[] }).fields)
    if (rows >= CHUNK_ROWS) {
      yield { text: `${lines.join('\n')}\n`, rows }
      lines = []
      rows = 0
    }
  }
  for (const { fields } of copies) add(fields)
  if (lines.length > 0) yield { text: `${lines.join('\n')}\n`, rows }
}

const SPECIAL = /[",\n\r]/

/** One record of RFC 4180. */
function line(fields: readonly string[]): string {
  let text = ''
  for (const [at, field] of fields.entries()) {
    const written = SPECIAL.test(field) ? `"${field.replaceAll('"', '""')}"` : field
    text = at === 0 ? written : `${text},${written}`
  }
  return text
}
