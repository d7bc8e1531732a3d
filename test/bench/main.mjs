// npm run bench [-- MILLIONS ROUNDS]: what the tool takes beside the same work by hand in the engine; docs/performance.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { engineVersion } from './engine.mjs'
import { growthTables, playGrowth } from './growth.mjs'
import { lines } from './lines.mjs'
import { playRounds } from './rounds.mjs'
import { linesTable, samplesTable } from './table.mjs'
import { ROOT } from './tool.mjs'

const USAGE = `npm run bench [-- MILLIONS ROUNDS]      million rows (default 1) and rounds (default 3)
  --growth         instead: how cost grows with rows and with changed rows
  --views M        the views at M million rows of their own
  --memory M       the peak memory of a full run of M million rows, too
  --json FILE      where the figures go (default: bench.json in the folder)
  --docs           put the tables into docs/performance.md
  --folder DIR     where sources are kept and homes are made (default: in the system's temporary folder)
  --starts N       starts of each command for the start-up lines (default 11)
`
const DOCS = join(ROOT, 'docs', 'performance.md')

function options() {
  const text = { type: 'string' }
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      growth: { type: 'boolean' },
      docs: { type: 'boolean' },
      help: { type: 'boolean' },
      views: text,
      memory: text,
      json: text,
      folder: text,
      starts: text,
    },
  })
  const above0 = (name, value) => {
    if (value === undefined || Number(value) > 0) return value === undefined ? undefined : Number(value)
    throw new Error(`${name} is a number above 0, not ${value}`)
  }
  const folder = resolve(values.folder ?? join(tmpdir(), 'rental-etl-bench'))
  // As it is told: without what only says where something lies.
  const told = ['growth', 'views', 'memory', 'starts'].flatMap((name) =>
    values[name] === undefined ? [] : values[name] === true ? [`--${name}`] : [`--${name}`, values[name]],
  )
  return {
    ...values,
    command: ['npm run bench', ...[...positionals, ...told].map((word, at) => (at === 0 ? `-- ${word}` : word))].join(
      ' ',
    ),
    folder,
    json: values.json ?? join(folder, 'bench.json'),
    millions: above0('MILLIONS', positionals[0]) ?? 1,
    rounds: above0('ROUNDS', positionals[1]) ?? 3,
    starts: above0('--starts', values.starts) ?? 11,
    views: above0('--views', values.views),
    memory: above0('--memory', values.memory),
  }
}

async function setting(command) {
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    duckdb: await engineVersion(),
  }
}

function settingText({ date, command, cores, memory_gib, node, duckdb }) {
  return `${date}, \`${command}\`, ${cores} cores, ${memory_gib} GiB, Node ${node}, DuckDB ${duckdb}`
}

/** @returns the document with another text between the marks of that name */
function withBlock(document, name, block) {
  const [begin, end] = [`<!-- begin: ${name} -->\n`, `<!-- end: ${name} -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${DOCS} has no block ${name}`)
  return document.slice(0, from + begin.length) + block + document.slice(to)
}

async function measureBars(asked, machine, tell) {
  const { samples, rows } = await playRounds(asked, tell)
  const judged = lines(samples, asked)
  const missed = judged.filter(({ verdict }) => verdict === 'missed').length
  const scale = asked.millions === 10 ? '' : ` The bars are set for 10 million rows, this is ${asked.millions}.`
  const text = [
    `${settingText(machine)}.${scale}`,
    '',
    linesTable(judged),
    '',
    samplesTable(samples),
    '',
    `${missed} of ${judged.length} bars missed`,
  ].join('\n')
  return { text, json: { rows, lines: judged, samples } }
}

async function measureGrowth(asked, machine, tell) {
  const growth = await playGrowth(asked, tell)
  return { text: `${settingText(machine)}.\n\n${growthTables(growth, asked.millions)}`, json: growth }
}

const asked = options()
if (asked.help) process.stdout.write(USAGE)
else {
  mkdirSync(asked.folder, { recursive: true })
  const machine = await setting(asked.command)
  const begin = performance.now()
  const tell = (text) =>
    process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(0).padStart(5)} s  ${text}\n`)
  const { text, json } = await (asked.growth ? measureGrowth : measureBars)(asked, machine, tell)
  writeFileSync(
    asked.json,
    `${JSON.stringify({ ...machine, millions: asked.millions, rounds: asked.rounds, ...json }, null, 1)}\n`,
  )
  tell(`figures: ${asked.json}`)
  if (asked.docs) {
    const name = asked.growth ? 'growth' : 'measured'
    writeFileSync(DOCS, withBlock(readFileSync(DOCS, 'utf8'), name, `${text}\n`))
  }
  process.stdout.write(`${text}\n`)
}
