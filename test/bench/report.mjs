import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { engineVersion } from './engine.mjs'
import { linesTable, samplesTable } from './table.mjs'
import { ROOT } from './tool.mjs'

const DOCS = join(ROOT, 'docs', 'performance.md')

/** When, how and where figures were taken. */
export async function settingOf(command) {
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    duckdb: await engineVersion(),
  }
}

export function settingText({ date, command, cores, memory_gib, node, duckdb }) {
  return `${date}, \`${command}\`: ${cores} cores, ${memory_gib} GiB, Node ${node}, DuckDB ${duckdb}.`
}

/** The tables of all bars and of all that was measured, and how many bars were missed. */
export function reportText(setting, { millions, rounds, views }, lines, samples) {
  const missed = lines.filter(({ verdict }) => verdict === 'missed').length
  const notes = [
    settingText(setting),
    `${millions} million rows, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`,
    ...(millions === 10 ? [] : ['The bars are set for 10 million.']),
    ...(views === undefined ? [] : [`The views are read at ${views} million.`]),
  ]
  return [
    notes.join(' '),
    '',
    linesTable(lines),
    '',
    samplesTable(samples),
    '',
    `${missed} of ${lines.length} bars missed`,
  ].join('\n')
}

/** Puts a text between the marks of that name in docs/performance.md. */
export function intoDocs(name, text) {
  const document = readFileSync(DOCS, 'utf8')
  const [begin, end] = [`<!-- begin: ${name} -->\n`, `<!-- end: ${name} -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${DOCS} has no block ${name}`)
  writeFileSync(DOCS, `${document.slice(0, from + begin.length)}${text}\n${document.slice(to)}`)
}
