// npm run bench [-- MILLIONS ROUNDS]: what the tool takes beside the same work by hand; docs/performance.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { growthTables, playGrowth } from './growth.mjs'
import { lines } from './lines.mjs'
import { optionsOf, USAGE } from './options.mjs'
import { intoDocs, reportText, settingOf, settingText } from './report.mjs'
import { playRounds } from './rounds.mjs'
import { withWorkspace } from './workspace.mjs'

const asked = optionsOf(process.argv.slice(2))
if (asked.help) process.stdout.write(USAGE)
else {
  mkdirSync(asked.folder, { recursive: true })
  const { text, figures } = await withWorkspace(asked.folder, (work) => measured({ ...asked, work }))
  writeFileSync(asked.json, `${JSON.stringify(figures, null, 1)}\n`)
  tell(`figures: ${asked.json}`)
  if (asked.docs) intoDocs(['growth', 'mysql', 'spark'].find((name) => asked[name]) ?? 'measured', text)
  process.stdout.write(`${text}\n`)
}

async function measured(asked) {
  const setting = await settingOf(asked.command)
  const figures = { ...setting, millions: asked.millions, rounds: asked.rounds }
  if (asked.growth) {
    const growth = await playGrowth(asked, tell)
    return { text: `${settingText(setting)}\n\n${growthTables(growth, asked)}`, figures: { ...figures, ...growth } }
  }
  if (asked.mysql) {
    // It starts a server, by way of TypeScript.
    const { mysqlLines, mysqlTables, playMysql } = await import('./mysql.mjs')
    const samples = await playMysql(asked, tell)
    const judged = mysqlLines(samples)
    const text = `${settingText(setting)} ${asked.millions} million rows.\n\n${mysqlTables(judged, samples)}`
    return { text, figures: { ...figures, lines: judged, samples } }
  }
  if (asked.spark) {
    const { playSpark, sparkLines, sparkTables } = await import('./spark.mjs')
    const read = await playSpark(asked, tell)
    const judged = sparkLines(read)
    const text = `${settingText(setting)} ${asked.millions} million rows.\n\n${sparkTables(judged, read)}`
    return { text, figures: { ...figures, lines: judged, ...read } }
  }
  const { samples, rows } = await playRounds(asked, tell)
  const judged = lines(samples, asked)
  return { text: reportText(setting, asked, judged, samples), figures: { ...figures, rows, lines: judged, samples } }
}

/** A line of progress. */
function tell(text) {
  process.stderr.write(`${Math.round(performance.now() / 1000)} s  ${text}\n`)
}
