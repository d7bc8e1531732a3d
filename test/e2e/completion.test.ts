import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BIN } from '../support/cli.js'
import { type Terminal, terminal } from '../support/pty.js'
import { smallHome } from '../support/small-home.js'

const { home } = smallHome()
const TAB = '\t'
const CLEAR_LINE = '\u0015'
const CTRL_D = '\u0004'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rental-etl-tab-'))
  for (const name of ['bin', 'functions', 'work', 'work/data', 'work/data/deep']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'work/statement.sql'), 'select 1')
  const targets = { local: { home: home() }, trial: { home: home() } }
  await writeFile(join(folder, 'work/rental-etl.yml'), JSON.stringify({ targets }))
  await writeFile(join(folder, 'bin/rental-etl'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`)
  await chmod(join(folder, 'bin/rental-etl'), 0o755)
  for (const shell of ['bash', 'zsh']) {
    const stdout = execFileSync(process.execPath, [BIN, 'completion', shell])
    await writeFile(join(folder, 'functions', shell === 'zsh' ? '_rental-etl' : shell), stdout)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

// What is not tested for want of a shell is counted as skipped.
const isMissing = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).error !== undefined
const noZsh = isMissing('zsh')

test.for([
  ['bash', 'bash'],
  ['zsh', '_rental-etl'],
] as const)('%s can read its script', ([shell, script], { skip }) => {
  skip(isMissing(shell), `${shell} is not installed`)
  execFileSync(shell, ['-n', join(folder, 'functions', script)])
})

/** What is typed before TAB, and the line that it becomes; each is what the shell then runs. */
const LINES: [typed: string, becomes: string][] = [
  ['rental-etl metr', 'rental-etl metrics '],
  ['rental-etl runs sh', 'rental-etl runs show '],
  ['rental-etl metrics occ', 'rental-etl metrics occupancy '],
  ['rental-etl runs show @l', 'rental-etl runs show @latest '],
  ['rental-etl runs show fi', 'rental-etl runs show first '],
  ['rental-etl metrics --output=js', 'rental-etl metrics --output=json'],
  ['rental-etl metrics --output=m', 'rental-etl metrics --output=md '],
  ['rental-etl verify --scope counts,led', 'rental-etl verify --scope counts,ledger '],
  ['rental-etl verify --scope=counts,led', 'rental-etl verify --scope=counts,ledger '],
  ['rental-etl run --target tr', 'rental-etl run --target trial '],
  ['rental-etl -t trial runs sh', 'rental-etl -t trial runs show '],
  ['rental-etl export vw_occ', 'rental-etl export vw_occupancy_rate_monthly '],
  ['rental-etl tables curated.fact_b', 'rental-etl tables curated.fact_bookings '],
  ['rental-etl config explain guards.max_q', 'rental-etl config explain guards.max_quarantined '],
  ['rental-etl quarantine bo', 'rental-etl quarantine bookings '],
  ['rental-etl query --file stat', 'rental-etl query --file statement.sql '],
  ['rental-etl run --home da', 'rental-etl run --home data/'],
  ['rental-etl run --home=da', 'rental-etl run --home=data/'],
  ['rental-etl run --source csv:da', 'rental-etl run --source csv:data/'],
  ['rental-etl run --source cs', 'rental-etl run --source csv:'],
  ['rental-etl sample data/de', 'rental-etl sample data/deep/'],
  // Nothing is known, and no file is meant.
  ['rental-etl runs show statem', 'rental-etl runs show statem'],
]

/** Types each line into one shell, and gives what the line is after one TAB. */
async function typed(shell: Terminal, prompt: string, lines: typeof LINES): Promise<string[]> {
  const found: string[] = []
  for (const [at, [line]] of lines.entries()) {
    await shell.until(new RegExp(`${prompt}$`))
    shell.type(`${line}${TAB}`)
    // A word behind the completed one, which the shell cannot be thinking about any more.
    shell.type(`<${at}`)
    await shell.until(new RegExp(`<${at}$`))
    const text = shell.screen.text
    found.push(text.slice(text.lastIndexOf(prompt) + prompt.length, text.lastIndexOf(`<${at}`)))
    shell.type(CLEAR_LINE)
    await shell.until(new RegExp(`${prompt}$`))
  }
  shell.type(CTRL_D)
  return found
}

function options() {
  const path = `${join(folder, 'bin')}:${process.env.PATH}`
  const env = { PATH: path, PS1: 'ready>', INPUTRC: '/dev/null', HOME: folder, ZDOTDIR: folder, TERM: 'xterm' }
  return { cwd: join(folder, 'work'), columns: 200, rows: 50, env }
}

describe('one TAB in a real shell', () => {
  test('bash', async () => {
    const script = join(folder, 'functions/bash')
    const rc = join(folder, 'bashrc')
    await writeFile(
      rc,
      `bind 'set enable-bracketed-paste off' 'set bell-style none'\nPS1='ready>'\nsource '${script}'\n`,
    )
    const shell = terminal('bash', ['--noprofile', '--rcfile', rc, '-i'], options())
    expect(await typed(shell, 'ready>', LINES)).toEqual(LINES.map(([, becomes]) => becomes))
    await shell.ended()
  }, 180_000)

  const zsh = ['unsetopt prompt_sp zle_bracketed_paste beep', "PS1='ready>'"]
  test.skipIf(noZsh).each([
    [
      'a file in a folder of $fpath',
      (f: string) => [`fpath=('${f}/functions' $fpath)`, 'autoload -Uz compinit', `compinit -u -d '${f}/dump'`],
    ],
    ['sourced', (f: string) => [`source '${f}/functions/_rental-etl'`]],
  ])(
    'zsh: %s',
    async (how, lines) => {
      await writeFile(join(folder, '.zshrc'), `${[...zsh, 'unset zle_bracketed_paste', ...lines(folder)].join('\n')}\n`)
      const shell = terminal('zsh', ['-i'], options())
      const some = how === 'sourced' ? LINES.slice(0, 4) : LINES
      expect(await typed(shell, 'ready>', some)).toEqual(some.map(([, becomes]) => becomes))
      await shell.ended()
    },
    180_000,
  )
})
