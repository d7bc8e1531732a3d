import { describe, expect, test } from 'vitest'
import {
  type CompletableCommand,
  complete,
  completionLines,
  type KnownWords,
} from '../../../../src/lib/core/words/completion.js'

const COMMANDS: CompletableCommand[] = [
  {
    id: 'run',
    flags: [
      { name: 'target', char: 't', takesValue: true },
      { name: 'home', takesValue: true },
      { name: 'source', takesValue: true },
      { name: 'watch', takesValue: false },
      { name: 'as-of', takesValue: true },
      { name: 'from', takesValue: true, options: ['extract', 'raw', 'curated'] },
      { name: 'output', char: 'o', takesValue: true, options: ['table', 'json', 'jsonl'] },
    ],
    args: [],
  },
  { id: 'runs', flags: [{ name: 'limit', takesValue: true }], args: [] },
  { id: 'runs show', flags: [], args: [{ name: 'run' }] },
  { id: 'runs prune', flags: [], args: [] },
  {
    id: 'metrics',
    flags: [
      { name: 'all', takesValue: false },
      { name: 'city', takesValue: true },
    ],
    args: [{ name: 'metric' }, { name: 'period' }],
  },
  { id: 'quarantine', flags: [], args: [{ name: 'table' }] },
  { id: 'quarantine show', flags: [], args: [{ name: 'id' }] },
  { id: 'rerun', flags: [], args: [{ name: 'layer', options: ['extract', 'raw', 'curated'] }, { name: 'run' }] },
  { id: 'config explain', flags: [], args: [{ name: 'key' }] },
  {
    id: 'verify',
    flags: [
      { name: 'scope', takesValue: true },
      { name: 'junit', takesValue: true },
    ],
    args: [],
  },
  { id: 'export', flags: [{ name: 'to', takesValue: true }], args: [{ name: 'relation' }] },
  { id: 'sample', flags: [], args: [{ name: 'dir' }] },
]

const known = (): KnownWords => ({
  targets: async () => ['local', 'trial'],
  relations: ['raw_data.stg_bookings', 'curated.fact_bookings'],
  scopes: ['counts', 'ledger', 'all'],
  runs: async () => ['@latest', 'r-2', 'r-1'],
  metrics: ['price', 'occupancy', 'locations'],
  tables: ['bookings', 'apartments'],
  settings: ['home', 'source'],
})

describe('complete', () => {
  test.each<[string[], string[]]>([
    [[], ['config', 'export', 'metrics', 'quarantine', 'rerun', 'run', 'runs', 'sample', 'verify']],
    [[''], ['config', 'export', 'metrics', 'quarantine', 'rerun', 'run', 'runs', 'sample', 'verify']],
    [['r'], ['rerun', 'run', 'runs']],
    [['nothing', ''], []],
    [['config', ''], ['explain']],
    [
      ['config', 'explain', ''],
      ['home', 'source'],
    ],
    [
      ['runs', ''],
      ['prune', 'show'],
    ],
    [['runs', 's'], ['show']],
    [
      ['runs', 'show', ''],
      ['@latest', 'r-1', 'r-2'],
    ],
    [
      ['runs', 'show', 'r'],
      ['r-1', 'r-2'],
    ],
    // One argument only.
    [['runs', 'show', 'r-1', ''], []],
    [
      ['run', '--'],
      ['--as-of', '--from', '--help', '--home', '--output', '--source', '--target', '--watch'],
    ],
    [['run', '--w'], ['--watch']],
    [
      ['run', '--from', ''],
      ['curated', 'extract', 'raw'],
    ],
    [['run', '--from', 'r'], ['raw']],
    [
      ['run', '-o', 'j'],
      ['json', 'jsonl'],
    ],
    // What is typed is a value of which nothing is known, not an argument.
    [['run', '--as-of', ''], []],
    [
      ['metrics', ''],
      ['locations', 'occupancy', 'price'],
    ],
    [['metrics', '--all', 'p'], ['price']],
    [['metrics', '--city', 'Austin', 'p'], ['price']],
    [['metrics', '--city', ''], []],
    [['metrics', 'price', ''], []],
    // A command that is also the beginning of another.
    [
      ['quarantine', ''],
      ['apartments', 'bookings', 'show'],
    ],
    [
      ['rerun', ''],
      ['curated', 'extract', 'raw'],
    ],
    [['rerun', 'raw', '@'], ['@latest']],
    // A value in the word of its flag, and the last one of several.
    [
      ['run', '--output=j'],
      ['--output=json', '--output=jsonl'],
    ],
    [['run', '--watch=j'], []],
    [
      ['run', '-t', ''],
      ['local', 'trial'],
    ],
    [
      ['run', '--source', 's'],
      ['sample', 'sample:'],
    ],
    [
      ['verify', '--scope', 'counts,'],
      ['counts,all', 'counts,ledger'],
    ],
    [['verify', '--scope=counts,l'], ['--scope=counts,ledger']],
    [
      ['export', ''],
      ['fact_bookings', 'stg_bookings'],
    ],
    [['export', 'curated.'], ['curated.fact_bookings']],
    // Global flags may stand before the command.
    [['--home', 'h', 'runs', 's'], ['show']],
    [['--target', 'tr'], ['trial']],
    [['--ho'], ['--home']],
    [['--json', 'me'], ['metrics']],
  ])('%j', async (words, expected) => {
    expect(await complete(words, COMMANDS, known())).toEqual({ words: expected })
  })

  test.each<[string[], string]>([
    [['run', '--home', ''], 'folders'],
    [['run', '--home=x'], 'folders'],
    [['--home', ''], 'folders'],
    [['run', '--source', 'csv:x'], 'folders'],
    [['run', '--source=csv:'], 'folders'],
    [['sample', ''], 'folders'],
    [['verify', '--junit', 'x'], 'files'],
    [['export', 'x', '--to', ''], 'files'],
  ])('%j is for the shell', async (words, wants) => {
    expect(await complete(words, COMMANDS, known())).toEqual({ words: [], wants })
  })

  test('run ids are looked up only where one can stand', async () => {
    const runs = async (): Promise<string[]> => {
      throw new Error('asked')
    }
    expect(await complete(['metrics', ''], COMMANDS, { ...known(), runs })).toEqual({
      words: ['locations', 'occupancy', 'price'],
    })
    await expect(complete(['runs', 'show', ''], COMMANDS, { ...known(), runs })).rejects.toThrow('asked')
  })
})

test('lines for a shell', () => {
  expect(completionLines({ words: ['a', 'b'], wants: 'files' })).toEqual(['a', 'b', ':files'])
  expect(completionLines({ words: ['csv:'] })).toEqual(['csv:'])
})
