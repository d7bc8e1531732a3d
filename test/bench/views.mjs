// node views.mjs WAREHOUSE ROUND: times each view of a warehouse, and the best query by hand for it, in one process, and
// prints their seconds and CPU. Both are read whole, each cell of them, into a digest, by which they must agree.
import { viewsByHand } from './by-hand/main.mjs'
import { query, withEngine } from './engine.mjs'
import { AS_OF } from './source.mjs'
import { spread } from './statistics.mjs'

/** Views are quick: each round's figure is the middle one of three. */
const TIMES = 3

const [warehouse, round] = process.argv.slice(2)
const timed = await withEngine(
  warehouse,
  async (db) => {
    await query(db, `set variable as_of = date '${AS_OF}'`)
    const results = {}
    for (const [name, text] of Object.entries(viewsByHand())) {
      const sides = [
        ['tool', `from presentation.${name}`],
        ['hand', text],
      ]
      if (Number(round) % 2 === 1) sides.reverse()
      // Once untimed: who comes first would read the warehouse from the disk for the other.
      for (const [, select] of sides) await timeOf(db, select)
      results[name] = await compare(db, name, sides)
    }
    return results
  },
  { access_mode: 'READ_ONLY' },
)
console.log(JSON.stringify(timed))

async function compare(db, name, sides) {
  const samples = { tool: [], hand: [] }
  for (let time = 0; time < TIMES; time++) {
    for (const [side, select] of sides) samples[side].push(await timeOf(db, select))
  }
  const digests = new Set([...samples.tool, ...samples.hand].map(({ digest }) => digest))
  if (digests.size > 1) throw new Error(`${name} and its query by hand do not agree: ${[...digests].join(' ')}`)
  const middle = (side, what) => spread(samples[side].map((sample) => sample[what])).median
  return Object.fromEntries(
    ['tool', 'hand'].map((side) => [side, { seconds: middle(side, 'seconds'), cpu: middle(side, 'cpu') }]),
  )
}

async function timeOf(db, select) {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const [{ digest }] = await query(
    db,
    `select count(*) || ' ' || coalesce(bit_xor(hash(v)), 0) as digest from (${select}) v`,
  )
  const seconds = (performance.now() - begin) / 1000
  const used = process.cpuUsage(cpu)
  return { seconds, cpu: (used.user + used.system) / 1e6, digest }
}
