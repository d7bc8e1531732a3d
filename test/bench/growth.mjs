import { constants, cpSync } from 'node:fs'
import { join } from 'node:path'
import { loadByHand } from './by-hand.mjs'
import { settle } from './process.mjs'
import { runOnChanged } from './rounds.mjs'
import { changedRows, changedSource, cleanSource } from './source.mjs'
import { spread } from './statistics.mjs'
import { markdown, number } from './table.mjs'
import { run } from './tool.mjs'
import { remove } from './workspace.mjs'

/** Sizes, as parts of the one that is asked for; at 10 million: 1, 10 and 30. */
const SIZES = [0.1, 1, 3]
const SHARES = [0, 0.0001, 0.001, 0.01, 0.1]

/**
 * Measures how cost grows with rows and with changed rows.
 * @returns samples by size (by hand, full run, unchanged source) and by share of changed rows
 */
export async function playGrowth({ folder, work, millions, rounds }, tell) {
  const [hand, home, loaded] = ['hand', 'home', 'loaded'].map((name) => join(work, name))
  const sizes = SIZES.map((part) => ({
    millions: Number((part * millions).toPrecision(6)),
    hand: [],
    full: [],
    unchanged: [],
  }))
  const shares = SHARES.map((share) => ({ share, rows: changedRows(millions, share), runs: [] }))
  for (const size of sizes) {
    const clean = await cleanSource(folder, size.millions)
    for (let round = 0; round < rounds; round++) {
      tell(`${size.millions} million rows, round ${round + 1} of ${rounds}`)
      remove(home)
      settle()
      size.hand.push(await loadByHand(clean, hand))
      settle()
      size.full.push(await run(clean, home, work))
      settle()
      size.unchanged.push(await run(clean, home, work))
    }
  }
  const sources = []
  for (const share of SHARES) sources.push(await changedSource(folder, millions, share))
  remove(loaded)
  await run(await cleanSource(folder, millions), loaded, work)
  for (let round = 0; round < rounds; round++) {
    for (const [at, { share, rows, runs }] of shares.entries()) {
      tell(`${100 * share} % changed, round ${round + 1} of ${rounds}`)
      remove(home)
      cpSync(loaded, home, { recursive: true, mode: constants.COPYFILE_FICLONE })
      settle()
      runs.push(await runOnChanged(sources[at], home, work, rows))
    }
  }
  return { sizes, shares }
}

export function growthTables({ sizes, shares }, { millions }) {
  const middle = (samples, value) => spread(samples.map(value)).median
  const seconds = (samples) => middle(samples, (sample) => sample.seconds)
  const peak = (samples) => {
    const known = samples.map((sample) => sample.peak).filter((value) => value !== undefined)
    return known.length === 0 ? '–' : String(Math.round(Math.max(...known) / 2 ** 20))
  }
  const bySize = sizes.map(({ millions, hand, full, unchanged }) => [
    `${millions} M`,
    number(seconds(hand)),
    number(seconds(full)),
    number(spread(full.map((sample, round) => sample.seconds / hand[round].seconds)).median),
    number(seconds(full) / millions),
    number(seconds(unchanged)),
    peak(full),
  ])
  const full = seconds(sizes.find((size) => size.millions === millions).full)
  const layer = (runs, name) => number(middle(runs, (sample) => sample.layers[name].seconds))
  const byShare = shares.map(({ share, rows, runs }) => [
    `${100 * share} %`,
    String(rows.updated + rows.deleted),
    number(seconds(runs)),
    ...['extract', 'raw', 'curated'].map((name) => layer(runs, name)),
    number(seconds(runs) / full),
    peak(runs),
  ])
  return [
    markdown(['rows', 'by hand, s', 'full run, s', 'ratio', 's per million', 'unchanged, s', 'peak MiB'], bySize),
    '',
    `Changed rows, at ${millions} million:`,
    '',
    markdown(['changed', 'rows', 'run, s', 'extract', 'raw', 'curated', 'of a full run', 'peak MiB'], byShare),
  ].join('\n')
}
