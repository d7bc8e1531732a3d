// npm run bench [MILLIONS]: a full run against the same steps by hand, side by side; medians of three, and peak memory.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSource } from './source.mjs'

const millions = Number(process.argv[2] ?? 1)
const rounds = Number(process.argv[3] ?? 3)
const folder = join(tmpdir(), `rental-etl-bench-${millions}`)
const home = join(folder, 'home')

/** Seconds and peak memory in MB of a process. */
function measure(args) {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    let peak = 0
    const look = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
      } catch {
        // It has just ended, or this system tells no peak.
      }
    }, 50)
    child.on('exit', (code) => {
      clearInterval(look)
      if (code === 0) resolve({ seconds: (performance.now() - begin) / 1000, megabytes: peak / 1024 })
      else reject(new Error(`${args.join(' ')} ended with ${code}`))
    })
  })
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

await makeSource(folder, millions)
const run = ['bin/run.js', 'run', '--source', `csv:${folder}`, '--as-of', '2025-03-24', '--home', home, '--json']
const results = { hand: [], run: [], again: [] }
for (let round = 0; round < rounds; round++) {
  for (const name of ['hand', 'run', 'again']) {
    if (name !== 'again') rmSync(home, { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    results[name].push(await measure(name === 'hand' ? ['test/bench/by-hand.mjs', folder, home] : run))
  }
}
rmSync(home, { recursive: true, force: true })
const seconds = (name) => median(results[name].map((one) => one.seconds))
for (const [name, all] of Object.entries(results)) {
  const each = all.map((one) => one.seconds.toFixed(1)).join(', ')
  const peak = Math.max(...all.map((one) => one.megabytes)).toFixed(0)
  console.log(`${name.padEnd(6)} ${seconds(name).toFixed(2)} s (${each}), peak ${peak} MB`)
}
console.log(`full run / by hand: ${(seconds('run') / seconds('hand')).toFixed(2)}`)
