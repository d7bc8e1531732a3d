import { join } from 'node:path'
import { agreedRows } from './agreement.mjs'
import { checkedByHand, loadByHand, readByHand, verifyByHand } from './by-hand.mjs'
import { measure, settle } from './process.mjs'
import { changedRows, changedSource, cleanSource } from './source.mjs'
import { startUps } from './startup.mjs'
import { movedIn, rowsWritten, run, tool, verify } from './tool.mjs'
import { remove } from './workspace.mjs'

/** The share of rows that differs in the changed source. */
const CHANGED = 0.001
/** From so many million rows on, what a step leaves to be written slows the next one down. */
const WRITTEN_BACK = 0.1
const VIEWS = join(import.meta.dirname, 'views.mjs')

/**
 * Measures everything, in rounds: what is compared lies side by side in each, and changes places from round to round.
 * @param asked the options, and `work`, a folder for homes
 * @returns samples by name, one per round, and the rows of each table
 */
export async function playRounds(asked, tell) {
  const { folder, work, millions, rounds, starts, memory } = asked
  const clean = await cleanSource(folder, millions)
  const changed = await changedSource(folder, millions, CHANGED)
  const [hand, checked, home] = ['hand', 'checked', 'home'].map((name) => join(work, name))
  const warehouse = join(home, 'warehouse.duckdb')
  const viewsFrom = asked.views === undefined ? warehouse : await warehouseOf(asked, tell)
  const samples = {}
  const take = (name, sample) => {
    samples[name] = [...(samples[name] ?? []), sample]
  }
  let rows
  for (let round = 0; round < rounds; round++) {
    const inTurn = async (steps) => {
      const order = Object.entries(steps)
      if (round % 2 === 1) order.reverse()
      for (const [name, step] of order) {
        tell(`round ${round + 1} of ${rounds}: ${name}`)
        if (millions >= WRITTEN_BACK) settle()
        take(name, await step())
      }
    }
    remove(home)
    await inTurn({
      'load by hand': () => loadByHand(clean, hand),
      'load by hand with checks': () => checkedByHand(clean, checked),
      'full run': () => run(clean, home, work),
    })
    rows ??= await agreedRows({
      by_hand: join(hand, 'hand.duckdb'),
      checked: join(checked, 'hand.duckdb'),
      tool: warehouse,
    })
    await inTurn({ 'verify by hand': () => verifyByHand(hand), verify: () => verify(home, work) })
    await inTurn({
      'typed read by hand': () => readByHand(clean),
      'unchanged source': async () => {
        const sample = await run(clean, home, work)
        return { ...sample, written: rowsWritten(sample) }
      },
    })
    await inTurn({ 'query, csv': () => fortyThousand('csv', home), 'query, table': () => fortyThousand('table', home) })
    tell(`round ${round + 1} of ${rounds}: views`)
    for (const [name, sample] of Object.entries(await viewsOf(viewsFrom, round))) take(name, sample)
    await inTurn({ 'changed source': () => runOnChanged(changed, home, work, changedRows(millions, CHANGED)) })
    await inTurn({ 'verify, two loads': () => verify(home, work, ['ok', 'warn']) })
  }
  tell('start-up')
  Object.assign(samples, await startUps(work, starts))
  if (memory !== undefined) {
    tell(`a full run of ${memory} million rows`)
    for (const path of [hand, checked, home]) remove(path)
    take(`full run of ${memory} M rows`, await run(await cleanSource(folder, memory), home, work))
  }
  return { samples, rows }
}

/** Measures a run on a source of which so many rows were changed. @throws Error where it moved others */
export async function runOnChanged(source, home, work, expected) {
  const sample = await run(source, home, work)
  const { updated, deleted, inserted } = movedIn(sample, 'raw')
  if (updated === expected.updated && deleted === expected.deleted && inserted === 0) return sample
  throw new Error(
    `${source}: ${JSON.stringify(expected)} rows are different; the run moved ${JSON.stringify({ updated, deleted, inserted })}`,
  )
}

function fortyThousand(output, home) {
  const sql = 'from raw_data.stg_user_viewing'
  return tool(['query', sql, '--limit', '40000', '--output', output, '--home', home], { cwd: join(home, '..') })
}

/** Samples of the views and of their queries by hand, by name. */
async function viewsOf(warehouse, round) {
  const { stdout } = await measure([VIEWS, warehouse, String(round)], { keep: true })
  return Object.fromEntries(
    Object.entries(JSON.parse(stdout)).flatMap(([name, { tool, hand }]) => [
      [name, tool],
      [`${name} by hand`, hand],
    ]),
  )
}

/** A warehouse of the size at which the views are asked for. */
async function warehouseOf({ folder, work, views }, tell) {
  tell(`a full run of ${views} million rows for the views`)
  const home = join(work, 'views')
  await run(await cleanSource(folder, views), home, work)
  return join(home, 'warehouse.duckdb')
}
