import { readdirSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Flags, Parser } from '@oclif/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { BaseCommand } from '../../src/lib/shell/base-command.js'
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
  'bookmarks rewind --to-run nope',
  'bookmarks rewind --to-date 2000-01-01',
  'bookmarks rewind --to-date nope',
  'bookmarks rewind',
  'bookmarks restore --yes',
  'bookmarks audit boking',
  'cancel --reason x --yes',
  'cancel first --reason x --yes',
  'completion csh',
  'config explain hom',
  'config explain foo',
  'export vw_occupancy --to OUT/a.csv',
  'export fact_bookings --to OUT/c.xls',
  'logs --layer foo',
  'logs nothing',
  'metrics foo',
  'metrics occupancy may',
  'metrics occupancy 2025-3',
  'metrics occupancy --week',
  'metrics --week',
  'metrics occupancy --run nothing',
  'quarantine boking',
  'quarantine show 99',
  'query "selec 1"',
  'query "delete from fact_bookings"',
  'query "select 1 as a, 2 as a"',
  'query -f nowhere.sql',
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
  'runs --status succeded',
  'runs show nothing',
  'runs show frst',
  'runs prune --keep 0',
  'runs prune --keep 1',
  'sample OUT --scale x',
  'tables fact_booking',
  'tables foo',
  'trace',
  'trace bookng 1',
  'trace booking x',
  'trace view 1,2',
  'verify --scope foo',
  'verify --scope cunts',
  'verify --fail-on bad',
  'watch --wait soon',
  'watch nothing',
]

/** Suggestions that no test can type: they are no command of the tool, follow a run, or load the source as it is. */
const NOT_TYPED = /^(df|ls|mv|mkdir|cd|export) |TEXT\b|--home DIR/

const out = (): string => join(folder(), 'out')
const real = (line: string): string =>
  line.replaceAll('OUT', out()).replaceAll('csv:DIR', `csv:${source()}`).replaceAll('sample:1', 'sample:0.01')

/** Load something, or ask: what they would do is not done here. */
const PARSED_ONLY = [
  'run',
  'rerun',
  'resume',
  'watch',
  'cancel',
  'sample',
  'verify',
  'doctor',
  'bookmarks reset',
  'bookmarks rewind',
  'bookmarks restore',
  'bookmarks audit',
  'runs prune',
]

async function commandOf(words: readonly string[]): Promise<[string, typeof Command]> {
  const commands = await allCommands()
  for (const id of [words.slice(0, 2).join(' '), words[0] ?? '']) {
    const command = commands.get(id)
    if (command) return [id, command]
  }
  throw new Error(`no command in ${words.join(' ')}`)
}

/** Runs a command line, or parses it where that is as far as a test goes. @throws what the parser throws */
async function typed(line: string, { parseOnly = false } = {}): Promise<{ code: number; stdout: string }> {
  const words = shellWords(line)
  const [id, command] = await commandOf(words)
  const argv = words.slice(id.split(' ').length)
  if (!parseOnly) return captureCommand(command, id.replaceAll(' ', ':'), ...argv)
  const flags = { ...BaseCommand.baseFlags, ...command.flags, json: Flags.boolean(), help: Flags.boolean() }
  if (!argv.includes('--help')) await Parser.parse(argv, { flags, args: command.args, strict: true })
  return { code: 0, stdout: '' }
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
      const words = real(command.replace(/^rental-etl /, ''))
      const parseOnly = words.includes('--help') || PARSED_ONLY.includes((await commandOf(shellWords(words)))[0])
      const answer = await typed(words, { parseOnly })
      // Usage, a name that is not there, a bug.
      expect([suggestion, [64, 66, 70].includes(answer.code), answer.code]).toEqual([suggestion, false, answer.code])
    }
  })

  test('words that are no command', async () => {
    for (const line of ['report 2026-05', 'lgos', 'runs shwo', 'metrcs price']) {
      const { stdout } = await cli([...line.split(' '), '--json', '--home', home()])
      const { error } = JSON.parse(stdout) as { error: { suggestions: string[] } }
      for (const suggestion of error.suggestions) {
        expect(suggestion).toMatch(/^rental-etl .*--help$/)
        if (suggestion !== 'rental-etl --help') await typed(suggestion.slice('rental-etl '.length), { parseOnly: true })
      }
    }
  })

  test('nothing far-fetched', async () => {
    const near = async (line: string) => (await cli(line.split(' '))).stderr.includes('the nearest')
    for (const line of ['list', 'report x', 'run -q']) expect([line, await near(line)]).toEqual([line, false])
  })
})
