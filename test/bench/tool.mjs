import { join } from 'node:path'
import { measure } from './process.mjs'
import { AS_OF } from './source.mjs'

export const ROOT = join(import.meta.dirname, '..', '..')
const BIN = join(ROOT, 'bin', 'run.js')

/** Measures a command of the tool, in a folder where no configuration lies and without settings of the environment. */
export function tool(args, { cwd, keep = false, env = {} }) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(RENTAL_ETL_.*|FORCE_COLOR|NODE_OPTIONS)$/.test(name))
  return measure([BIN, ...args], { cwd, keep, env: { ...Object.fromEntries(kept), ...env } })
}

/** Measures a run. @param source a folder, or a URL @returns with the rows that each layer wrote, and the seconds that each took */
export async function run(source, home, cwd, env) {
  const spec = source.includes('://') ? source : `csv:${source}`
  const args = ['run', '--source', spec, '--as-of', AS_OF, '--home', home, '--json']
  const { stdout, ...sample } = await tool(args, { cwd, keep: true, env })
  const { result } = JSON.parse(stdout)
  const layers = Object.fromEntries(
    result.layers.map(({ layer, duration_ms, tables }) => [layer, { seconds: duration_ms / 1000, tables }]),
  )
  return { ...sample, layers }
}

/** Rows that a run wrote, in all its layers. */
export function rowsWritten({ layers }) {
  const sum = (tables, count) => tables.reduce((rows, table) => rows + count(table), 0)
  return (
    sum(layers.extract.tables, (table) => table.rows_out + table.deleted) +
    ['raw', 'curated'].reduce((rows, layer) => rows + sum(layers[layer].tables, moved), 0)
  )
}

/** Rows of a layer's tables that came, changed or went. */
export function movedIn({ layers }, layer) {
  const counts = { inserted: 0, updated: 0, deleted: 0 }
  for (const table of layers[layer].tables) for (const name of Object.keys(counts)) counts[name] += table[name]
  return counts
}

function moved(table) {
  return table.inserted + table.updated + table.deleted
}

/** Measures `verify`, which must find nothing, or at most what a rule warns of: listings that have gone have bookings. */
export async function verify(home, cwd, verdicts = ['ok']) {
  const { stdout, ...sample } = await tool(['verify', '--home', home, '--json'], { cwd, keep: true })
  const { result } = JSON.parse(stdout)
  if (!verdicts.includes(result.verdict)) throw new Error(`verify of a sound home says ${result.verdict}`)
  return sample
}
