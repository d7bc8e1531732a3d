// node main.mjs SOURCE DATABASE STEP …: runs SQL files one after another in one process, in the folder of the database,
// and prints the rows of the last statement. The step `views` makes the presentation views of the files in views/.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { query, withEngine } from '../engine.mjs'
import { AS_OF } from '../source.mjs'

const read = (file) => readFileSync(join(import.meta.dirname, file), 'utf8')

/** The texts of the views by hand, by name. */
export function viewsByHand() {
  const files = readdirSync(join(import.meta.dirname, 'views'))
  return Object.fromEntries(files.map((file) => [file.replace('.sql', ''), read(join('views', file))]))
}

function textOf(step) {
  if (step !== 'views') return read(`${step}.sql`)
  const views = Object.entries(viewsByHand()).map(([name, text]) => `create view presentation.${name} as\n${text};`)
  return ['create schema presentation;', ...views].join('\n')
}

if (process.argv[1] === import.meta.filename) {
  const [source, database, ...steps] = process.argv.slice(2)
  const texts = steps.map(textOf)
  if (database !== ':memory:') process.chdir(dirname(database))
  const rows = await withEngine(database, async (db) => {
    await query(db, `set variable source = '${source}'; set variable as_of = date '${AS_OF}'`)
    let last = []
    for (const text of texts) last = await query(db, text)
    return last
  })
  console.log(JSON.stringify(rows))
}
