import { readdirSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { captureCommand } from '../support/capture-command.js'
import { cli } from '../support/cli.js'
import { allCommands } from '../support/commands.js'
import { shellWords } from '../support/doc-commands.js'
import { smallHome } from '../support/small-home.js'
import { workingFolder } from '../support/working-folder.js'

const { home, folder, source } = smallHome()

/** Command lines that are refused. */
const WRONG = [
  'bookmarks boking',
  'bookmarks reset boking --yes',
  'bookmarks reset bookings',
  'cancel --reason x --yes',
  'cancel first --reason x --yes',
  'completion csh',
  'config explain hom',
  'config explain foo',
  'export vw_occupancy --to OUT/a.csv',
  'export fact_booking --to OUT/b.csv',
  'export fact_bookings --to OUT/c.xls',
  'export occupancy --to OUT/d.csv',
  'logs --layer foo',
  'logs --layer curatd',
  'logs nothing',
  'metrics list',
  'metrics foo',
  'metrics occupancy may',
  'metrics occupancy 2025-3',
  'metrics occupancy --week',
  'metrics occupancy --city X --top 3',
  'metrics --week',
  'metrics occupancy --run nothing',
  'quarantine boking',
  'quarantine show 99',
  'quarantine show x',
  'query --limit x "select 1"',
  'query "selec 1"',
  'query "delete from fact_bookings"',
  'query "select 1 as a, 2 as a"',
  'query -f nowhere.sql',
  'rerun all',
  'rerun curatd',
  'rerun extract nothing',
  'resume nothing',
  'run --from foo',
  'run --from curated --to raw',
  'run --from raw --full-refresh',
  'run --as-of someday',
  'run -q',
  'run --source foo',
  'run --source csv:nowhere',
  'run --name first',
  'run --name ../x',
  'run --frm raw',
  'runs --status bad',
  'runs --status succeded',
  'runs show nothing',
  'runs show frst',
  'runs prune --keep 0',
  'runs prune --keep 1',
  'sample OUT --scale x',
  'tables fact_booking',
  'tables foo',
  'verify --scope foo',
  'verify --scope cunts',
  'verify --fail-on bad',
  'watch --wait soon',
  'watch nothing',
]

/** Suggestions that no test can type: they are no command of the tool, follow a run, or load the source as it is. */
const NOT_TYPED = /^(df|ls|mv|mkdir|cd|export) |ID\b|TEXT\b|--home DIR/

const out = (): string => join(folder(), 'out')
const real = (line: string): string =>
  line.replaceAll('OUT', out()).replaceAll('csv:DIR', `csv:${source()}`).replaceAll('sample:1', 'sample:0.01')

async function typed(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const words = shellWords(line)
  const commands = await allCommands()
  const id = [words.slice(0, 2).join(' '), words[0] ?? ''].find((name) => commands.has(name))
  // Help is the framework's, before a command is loaded.
  if (id === undefined || words.includes('--help')) {
    const { code, stdout, stderr } = await cli(words)
    return { code: code ?? -1, stdout, stderr }
  }
  return captureCommand(commands.get(id), id.replaceAll(' ', ':'), ...words.slice(id.split(' ').length))
}

beforeAll(() => mkdir(join(folder(), 'out')))

describe('what is suggested works', () => {
  test.each(WRONG)('%s', async (line) => {
    await workingFolder()
    const asked = `${real(line)} --home ${home()}`
    const { code, stdout } = await typed(`${asked} --json`)
    expect([line, code === 0]).toEqual([line, false])
    const { error } = JSON.parse(stdout) as { error: { message: string; suggestions: string[] } }
    expect(error.suggestions.length).toBeGreaterThan(0)
    for (const suggestion of error.suggestions) {
      const command = suggestion.replace(/ {2,}#.*$/, '')
      if (NOT_TYPED.test(command)) continue
      expect(command).toMatch(/^rental-etl /)
      // It is about the same home.
      if (!command.endsWith('--help')) expect(command).toContain(`--home ${home()}`)
      for (const name of readdirSync(out())) rmSync(join(out(), name), { recursive: true })
      const answer = await typed(real(command.replace(/^rental-etl /, '')))
      // Usage, a name that is not there, a bug.
      expect([suggestion, [64, 66, 70].includes(answer.code), answer.code]).toEqual([suggestion, false, answer.code])
    }
  })

  test('words that are no command', async () => {
    for (const line of ['list', 'report 2026-05', 'lgos', 'runs shwo', 'runs', 'config', 'ci smok', 'metrcs price']) {
      const { code, stdout } = await cli([...line.split(' '), '--json', '--home', home()])
      if (code === 0) continue
      const { error } = JSON.parse(stdout)
      for (const suggestion of error.suggestions as string[]) {
        const answer = await cli(shellWords(suggestion).slice(1))
        expect([line, suggestion, answer.code]).toEqual([line, suggestion, 0])
      }
    }
  })

  test('nothing far-fetched', async () => {
    const near = async (line: string) => (await cli(line.split(' '))).stderr.includes('the nearest')
    for (const line of ['list', 'report x', 'bogus', 'run -q', 'logs --layer foo', 'metrics occupancy may'])
      expect([line, await near(line)]).toEqual([line, false])
  })
})
