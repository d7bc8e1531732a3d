import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { agreedRows } from './agreement.mjs'
import { checkedByHand, loadByHand, readByHand, verifyByHand } from './by-hand.mjs'
import { measure, settle } from './process.mjs'
import { changedRows, changedSource, cleanSource } from './source.mjs'
import { startUps } from './startup.mjs'
import { movedIn, rowsWritten, run, tool, verify } from './tool.mjs'

/** The share of rows that differs in the changed source. */
export const CHANGED = 0.001
/** From so many million rows on, what a step leaves to be written slows the next one down. */
const WRITTEN_BACK = 0.1
const VIEWS = join(import.meta.dirname, 'views.mjs')

/**
 * Measures everything of one size, in rounds: what is compared lies side by side in each, in turns first and second.
 * @param options folder, millions, rounds, starts, and where asked for at a size of their own: views, memory
 * @returns samples by name, one per round, and the rows of each table
 */
export async function playRounds({ folder, millions, rounds, starts, views, memory }, tell) {
  const clean = await cleanSource(folder, millions)
  const changed = await changedSource(folder, millions, CHANGED)
  const place = (name) => join(folder, name)
  const [hand, checked, home] = [place('hand'), place('checked'), place('home')]
  const warehouse = join(home, 'warehouse.duckdb')
  const samples = {}
  const take = (name, sample) => {
    samples[name] ??= []
    samples[name].push(sample)
  }
  const viewsOf = async (file, round) => {
    const { stdout } = await measure([VIEWS, file, String(round)], { keep: true })
    for (const [name, { tool, hand }] of Object.entries(JSON.parse(stdout))) {
      take(name, tool)
      take(`${name} by hand`, hand)
    }
  }
  const table = (output) =>
    tool(['query', 'from raw_data.stg_user_viewing', '--limit', '40000', '--output', output, '--home', home], {
      cwd: folder,
    })
  const emptyHome = () => rmSync(home, { recursive: true, force: true })
  let rows
  const views40 = views === undefined ? undefined : await viewsHome(folder, views, tell)
  try {
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
      emptyHome()
      await inTurn({
        'load by hand': () => loadByHand(clean, hand),
        'load by hand with checks': () => checkedByHand(clean, checked),
        'full run': () => run(clean, home, folder),
      })
      rows ??= await agreedRows({
        by_hand: join(hand, 'hand.duckdb'),
        checked: join(checked, 'hand.duckdb'),
        tool: warehouse,
      })
      await inTurn({ 'verify by hand': () => verifyByHand(hand), verify: () => verify(home, folder) })
      await inTurn({
        'typed read by hand': () => readByHand(clean),
        'unchanged source': () => run(clean, home, folder),
      })
      await inTurn({ 'query, csv': () => table('csv'), 'query, table': () => table('table') })
      tell(`round ${round + 1} of ${rounds}: views`)
      await viewsOf(views40 ?? warehouse, round)
      await inTurn({ 'changed source': () => run(changed, home, folder) })
      expectMoved(samples['changed source'].at(-1), changedRows(millions, CHANGED))
    }
    tell('start-up')
    for (const [name, all] of Object.entries(await startUps(folder, starts))) {
      for (const sample of all) take(name === 'empty' ? 'empty oclif command' : `--${name}`, sample)
    }
    if (memory !== undefined) {
      tell(`a full run of ${memory} million rows`)
      emptyHome()
      take('full run, memory', await run(await cleanSource(folder, memory), home, folder))
    }
  } finally {
    for (const path of [hand, checked, home, place('views-home')]) rmSync(path, { recursive: true, force: true })
  }
  for (const sample of samples['unchanged source']) sample.written = rowsWritten(sample)
  return { samples, rows }
}

/** A warehouse for the views alone. @returns its file */
async function viewsHome(folder, millions, tell) {
  tell(`a full run of ${millions} million rows for the views`)
  const home = join(folder, 'views-home')
  rmSync(home, { recursive: true, force: true })
  await run(await cleanSource(folder, millions), home, folder)
  return join(home, 'warehouse.duckdb')
}

/** @throws Error where a run on the changed source did other work than what was changed */
export function expectMoved(sample, expected) {
  const { updated, deleted, inserted } = movedIn(sample, 'raw')
  if (updated === expected.updated && deleted === expected.deleted && inserted === 0) return
  throw new Error(
    `a run on the changed source moved ${updated} updated, ${deleted} deleted, ${inserted} inserted rows; ${expected.updated} and ${expected.deleted} were changed`,
  )
}
