import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from './process.mjs'

const MAIN = join(import.meta.dirname, 'by-hand', 'main.mjs')

/** Measures steps of by-hand/ on a database, whose folder holds the lake, too. */
async function byHand(source, database, ...steps) {
  const { stdout, ...sample } = await measure([MAIN, source, database, ...steps], { keep: true })
  return { ...sample, rows: JSON.parse(stdout) }
}

const database = (home) => join(home, 'hand.duckdb')

/** Source, lake, raw, curated, views; nothing is checked. */
export function loadByHand(source, home) {
  return byHand(source, emptied(home), 'typed', 'load', 'curated', 'views')
}

/** The same with a run's checks: the form of each cell, bad rows, copies, rows on both sides, a digest per table. */
export function checkedByHand(source, home) {
  return byHand(source, emptied(home), 'rules', 'texts', 'load-checked', 'curated', 'views', 'ledger')
}

/** Reads the whole source into typed columns, and does nothing with them. */
export function readByHand(source) {
  return byHand(source, ':memory:', 'typed', 'read')
}

/** Counts and comparisons of what `loadByHand` left. */
export function verifyByHand(home) {
  return byHand('', database(home), 'verify')
}

function emptied(home) {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  return database(home)
}
