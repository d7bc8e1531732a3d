import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  type CompletableCommand,
  complete,
  completionScript,
  type KnownWords,
} from '../../../../src/lib/core/words/completion.js'

const COMMANDS: CompletableCommand[] = [
  {
    id: 'run',
    flags: [
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
]

const known = (): KnownWords => ({
  runs: async () => ['@latest', 'r-2', 'r-1'],
  metrics: ['price', 'occupancy', 'locations'],
  tables: ['bookings', 'apartments'],
  settings: ['home', 'source'],
})

describe('complete', () => {
  test.each<[string[], string[]]>([
    [[], ['config', 'metrics', 'quarantine', 'rerun', 'run', 'runs']],
    [[''], ['config', 'metrics', 'quarantine', 'rerun', 'run', 'runs']],
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
      ['--as-of', '--from', '--output', '--watch'],
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
  ])('%j', async (words, expected) => {
    expect(await complete(words, COMMANDS, known())).toEqual(expected)
  })

  test('run ids are looked up only where one can stand', async () => {
    const runs = async (): Promise<string[]> => {
      throw new Error('asked')
    }
    expect(await complete(['metrics', ''], COMMANDS, { ...known(), runs })).toEqual(['locations', 'occupancy', 'price'])
    await expect(complete(['runs', 'show', ''], COMMANDS, { ...known(), runs })).rejects.toThrow('asked')
  })
})

describe('completionScript', () => {
  test('bash asks the tool for what stands behind the cursor, word by word', () => {
    const script = [
      `rental-etl() { printf '<%s>' "$@" >&2; printf '\\n' >&2; printf 'one two\\nthree\\n'; }`,
      completionScript('bash', 'rental-etl').replace('2>/dev/null', ''),
      `COMP_WORDS=(rental-etl metrics 'São Paulo' ''); COMP_CWORD=3`,
      `_rental_etl`,
      `printf '[%s]' "\${COMPREPLY[@]}"`,
      `complete -p rental-etl`,
    ].join('\n')
    const printed = execFileSync('bash', ['-c', `{ ${script}\n} 2>&1`]).toString()
    expect(printed).toBe(
      '<completion><--words><--><metrics><São Paulo><>\n[one two][three]complete -o default -F _rental_etl rental-etl\n',
    )
  })

  test('zsh and fish', () => {
    expect(completionScript('zsh', 'rental-etl')).toBe(
      [
        '#compdef rental-etl',
        '_rental_etl() {',
        '  local -a found',
        `  found=("\${(@f)$(rental-etl completion --words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")`,
        '  compadd -a found',
        '}',
        'compdef _rental_etl rental-etl',
        '',
      ].join('\n'),
    )
    expect(completionScript('fish', 'rental-etl')).toBe(
      "complete -c rental-etl -f -a '(rental-etl completion --words -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'\n",
    )
  })
})
