import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import Run from '../../src/commands/run.js'
import { captureCommand } from '../support/capture-command.js'
import { BIN, cli } from '../support/cli.js'
import { onTerminal, type Terminal, terminal } from '../support/pty.js'

const SMALL = ['--source', 'sample:0.02']
/** Takes so long that it is going on still when it is looked at. */
const LONG = ['--source', 'sample:0.3']
const CTRL_C = '\u0003'
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with it
const COLOUR = /\u001b\[[\d;]*m/

let folder = ''
/** With a warehouse. */
let home = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rental-etl-terminal-'))
  home = join(folder, 'home')
  const { code } = await captureCommand(Run, 'run', '--home', home, ...SMALL, '--json')
  expect(code).toBe(0)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Home and source from the environment, so that the commands to type next are short. */
function settings(where: string, [, source = '']: readonly string[] = SMALL): { env: Record<string, string> } {
  return { env: { RENTAL_ETL_HOME: where, RENTAL_ETL_SOURCE: source } }
}

/** The screen's text with its times left out: the one thing that differs from run to run. */
function shown({ screen }: Terminal): string[] {
  return screen.text.replaceAll(/\b\d+(\.\d)? s\b/g, 'N s').split('\n')
}

/** What each run says of bad rows takes some lines, by the width. */
function withoutWarning(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => line.startsWith('warning:'))
  const to = lines.findIndex((line, at) => at > from && !line.startsWith(' '))
  return lines.filter((_, at) => at < from || at >= to)
}

interface Recorded {
  result: { status: string; error: { code: string; message: string } | null; layers: { status: string }[] }
}

async function record(where: string): Promise<Recorded['result']> {
  const { stdout } = await cli(['runs', 'show', '--json', '--home', where])
  return (JSON.parse(stdout) as Recorded).result
}

describe('run --watch', () => {
  test('on 80 columns: a tree that stays, the verdict, the ledger, and the next command', async () => {
    const run = onTerminal(['run', '--watch', '--name', 'live'], settings(join(folder, 'wide')))
    await run.until(/. extract {2}\d/)
    expect(run.screen.lines[0]).toBe('run live · Ctrl-C stops the run cleanly · as of 2026-06-30 · sample:0.02')
    expect(run.screen.cursorShown).toBe(false)
    expect(await run.ended()).toBe(0)
    expect(run.screen.text.replaceAll(/\s+/g, ' ')).toContain(
      'warning: bad rows of the source are not in raw: apartment_attributes 1, apartments 1, bookings 12, user_viewing 22;',
    )
    expect(withoutWarning(shown(run))).toEqual([
      'run live · as of 2026-06-30 · sample:0.02',
      '✓ extract  N s succeeded',
      '    apartments                199 rows in, 199 rows out',
      '    apartment_attributes      200 rows in, 200 rows out',
      '    bookings                  2,007 rows in, 2,007 rows out',
      '    user_viewing              4,010 rows in, 4,010 rows out',
      '✓ raw      N s succeeded',
      '    stg_apartments            198 inserted, 1 quarantined',
      '    stg_apartment_attributes  199 inserted, 1 quarantined',
      '    stg_bookings              1,988 inserted, 7 superseded, 12 quarantined, 11 …',
      '    stg_user_viewing          3,978 inserted, 10 superseded, 22 quarantined, 6 …',
      '✓ curated  N s succeeded',
      '    dim_listings              196 inserted, 2 filtered',
      '    fact_bookings             1,477 inserted, 511 filtered',
      '    fact_user_views           3,978 inserted',
      '    dim_users                 400 inserted',
      '✓ run live succeeded in N s, as of 2026-06-30',
      'ledger: 6,416 rows in = 6,363 rows out + 17 superseded + 36 quarantined;',
      '    unexplained 0',
      'next: rental-etl metrics occupancy --month',
      'next: rental-etl verify',
    ])
    expect(run.screen.wrapped).toEqual([])
    expect(run.screen.cursorShown).toBe(true)
  })

  test('on 60 columns nothing is longer than a line', async () => {
    const options = { columns: 60, rows: 20, ...settings(join(folder, 'narrow')) }
    const run = onTerminal(['run', '--watch', '--name', 'live'], options)
    await run.until(/. extract {2}\d/)
    expect(run.screen.lines[0]).toBe('run live · Ctrl-C stops the run cleanly · as of 2026-06-30 …')
    expect(await run.ended()).toBe(0)
    expect(shown(run).filter((line) => /^(run|.{1,2}(extract|raw|curated)|✓|ledger|next)/.test(line))).toEqual([
      'run live · as of 2026-06-30 · sample:0.02',
      '✓ extract  N s succeeded',
      '✓ raw      N s succeeded',
      '✓ curated  N s succeeded',
      '✓ run live succeeded in N s, as of 2026-06-30',
      'ledger: 6,416 rows in = 6,363 rows out + 17 superseded + 36',
      'next: rental-etl metrics occupancy --month',
      'next: rental-etl verify',
    ])
    expect(run.screen.wrapped).toEqual([])
    expect(run.screen.cursorShown).toBe(true)
  })

  test('Ctrl-C stops it cleanly: exit 130, the record says canceled, and the next run succeeds', async () => {
    const where = join(folder, 'stopped')
    const run = onTerminal(['run', '--watch', '--name', 'stopped'], settings(where, LONG))
    await run.until(/apartments +reading/)
    run.type(CTRL_C)
    expect(await run.ended()).toBe(130)
    expect(run.screen.text).toMatch(/^■ extract .* canceled$/m)
    expect(run.screen.text).toMatch(/^■ run stopped canceled in /m)
    expect(run.screen.text).toContain('\nnext: rental-etl resume stopped')
    expect(run.screen.text).not.toMatch(/^\s+at |error:/m)
    expect([run.screen.cursorShown, run.screen.wrapped]).toEqual([true, []])
    const { status, error, layers } = await record(where)
    expect([status, error?.code, layers.map((layer) => layer.status)]).toEqual([
      'canceled',
      'CANCELED',
      ['canceled', 'pending', 'pending'],
    ])
    const again = await cli(['run', '--home', where, ...SMALL, '--json'])
    expect(again.code).toBe(0)
  })
})

test('Ctrl-C at watch leaves a detached run going on', async () => {
  const where = join(folder, 'detached')
  const started = await cli(['run', '--detach', '--name', 'behind', '--home', where, ...LONG])
  expect([started.code, started.stdout]).toEqual([69, 'run behind was started in a process of its own\n'])
  const watch = onTerminal(['watch', '--home', where])
  await watch.until(/. extract {2}\d/)
  expect(watch.screen.lines[0]).toMatch(/^run behind · Ctrl-C leaves the run going on · as of 2026-06-30 · /)
  watch.type(CTRL_C)
  expect(await watch.ended()).toBe(130)
  expect(watch.screen.text).toContain('\nrun behind goes on: rental-etl watch behind\n')
  expect(watch.screen.cursorShown).toBe(true)
  const over = await cli(['watch', 'behind', '--home', where, '--json'])
  expect([over.code, JSON.parse(over.stdout).result.status]).toEqual([0, 'succeeded'])
})

describe('colours', () => {
  test('none off a terminal, nor what moves a cursor', async () => {
    const again = await cli(['run', '--watch', '--name', 'quiet', '--home', home, ...SMALL])
    expect(again.code).toBe(0)
    expect(`${again.stdout}${again.stderr}`).not.toContain('\u001b')
    // A log has the date, and nobody who could press Ctrl-C.
    expect(again.stderr).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ run {6}run quiet as of .*, source \S+\n/)
    const { stdout, stderr } = await cli(['metrics', 'occupancy', '--home', home])
    expect(`${stdout}${stderr}`).not.toContain('\u001b')
  })

  test('FORCE_COLOR gives them off a terminal, NO_COLOR takes them from one', async () => {
    const forced = await cli(['metrics', '--home', home], { env: { FORCE_COLOR: '1' } })
    expect(forced.stdout).toMatch(COLOUR)
    const words = ['metrics', '--home', home]
    const [plain, colored] = [onTerminal(words, { env: { NO_COLOR: '1' } }), onTerminal(words)]
    expect([await plain.ended(), await colored.ended()]).toEqual([0, 0])
    expect([COLOUR.test(plain.raw()), COLOUR.test(colored.raw())]).toEqual([false, true])
  })

  test('NO_COLOR leaves the live view without them', async () => {
    const run = onTerminal(['run', '--watch', '--home', home, ...SMALL], { env: { NO_COLOR: '1' } })
    expect(await run.ended()).toBe(0)
    expect(run.screen.text).toMatch(/^✓ extract/m)
    expect(run.raw()).not.toMatch(COLOUR)
  })

  test('CI on a terminal gets a line for each event', async () => {
    const run = onTerminal(['run', '--watch', '--home', home, ...SMALL], { env: { CI: 'true' }, columns: 200 })
    expect(await run.ended()).toBe(0)
    expect(run.screen.text).toMatch(/^\d\d:\d\d:\d\d run {6}run .*Ctrl-C stops the run cleanly$/m)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves a cursor, or hides it
    expect(run.raw()).not.toMatch(/\u001b\[(\?|[\d;]*[A-HJK])/)
  })
})

describe('a terminal that can do nothing but lines', () => {
  const dumb = (...words: string[]): Terminal =>
    terminal('env', ['TERM=dumb', process.execPath, BIN, ...words], { columns: 200, ...settings(home) })

  test('gets no escape sequence, and a line for each event', async () => {
    const run = dumb('run', '--watch', '--name', 'dumb')
    expect(await run.ended()).toBe(0)
    expect(run.raw()).not.toContain('\u001b')
    expect(run.screen.text).toMatch(/^\d\d:\d\d:\d\d extract {2}started, attempt 1$/m)
    const verify = dumb('verify')
    expect([await verify.ended(), verify.raw().includes('\u001b'), verify.raw().includes('looking at')]).toEqual([
      0,
      false,
      false,
    ])
  })
})

test('what takes long says what it is doing, on a line that goes again', async () => {
  const [verify, doctor, dryRun] = [['verify'], ['doctor'], ['run', '--dry-run']].map((words) =>
    onTerminal(words, settings(home)),
  ) as [Terminal, Terminal, Terminal]
  expect(await Promise.all([verify, doctor, dryRun].map((one) => one.ended()))).toEqual([0, 0, 0])
  expect(verify.raw()).toContain('looking at counts (1 of 4)')
  expect(verify.screen.lines[0]).toBe('source → lake')
  expect(doctor.raw()).toContain('3 looked at, looking on')
  expect(doctor.screen.lines[0]).toMatch(/^✓ configuration/)
  expect(dryRun.raw()).toContain('comparing sample:0.02 with raw')
  expect(dryRun.screen.lines[0]).toMatch(/^nothing was changed/)
  for (const { screen } of [verify, doctor, dryRun]) expect(screen.text).not.toMatch(/looking|comparing/)
  const { stderr } = await cli(['verify', '--home', home])
  expect(stderr).not.toContain('looking at')
})

test('verdicts, statuses and errors are in colour', async () => {
  const verify = onTerminal(['verify', '--scope', 'counts'], settings(home))
  const runs = onTerminal(['runs'], settings(home))
  const wrong = onTerminal(['runs', '--status', 'nope'], settings(home))
  expect(await Promise.all([verify, runs, wrong].map((one) => one.ended()))).toEqual([0, 0, 64])
  expect(verify.raw()).toContain('\u001b[32m✓\u001b[39m verify: \u001b[32mok\u001b[39m')
  expect(runs.raw()).toContain('\u001b[32msucceeded\u001b[39m')
  expect(wrong.raw()).toContain('\u001b[31merror:\u001b[39m --status does not take nope')
})

test('on 80 columns runs and bookmarks fit, and say how long ago', async () => {
  const runs = onTerminal(['runs'], settings(home))
  const bookmarks = onTerminal(['bookmarks'], settings(home))
  expect([await runs.ended(), await bookmarks.ended()]).toEqual([0, 0])
  expect(runs.screen.lines[0]).toMatch(/^run_id +status +when +took +moved +error$/)
  expect(runs.screen.lines.at(-2)).toMatch(/^\d{8}T\d{6}Z-\w{4} +succeeded +\d+ (s|min) ago +\d+(\.\d)? s +6,363$/)
  expect(bookmarks.screen.lines[0]).toMatch(/^table +position +rows +loaded +reconciled$/)
  expect(bookmarks.screen.lines[5]).toMatch(/^user_viewing +2026-06-\d\d \d\d:\d\d:\d\d +3,978 +\d+ (s|min) ago +yes$/)
  expect(`${runs.screen.text}${bookmarks.screen.text}`).not.toContain('do not fit')
  expect([runs.screen.wrapped, bookmarks.screen.wrapped]).toEqual([[], []])
})

test('no line of prose is broken within a word, and no command to paste is broken at all', async () => {
  const long = join(folder, 'a-folder-with-a-long-name-so-that-the-command-does-not-fit')
  const [doctor, error, explain] = [
    ['doctor', '--home', long, '--source', `csv:${long}`],
    ['metrics', 'occupancy', '2025-W05', '--home', home],
    ['metrics', 'listings', '--explain'],
  ].map((words) => onTerminal(words)) as [Terminal, Terminal, Terminal]
  expect(await Promise.all([doctor, error, explain].map((one) => one.ended()))).toEqual([0, 64, 0])
  // A command may be longer than the terminal is wide: it stands on a line of its own, and the terminal wraps it.
  for (const { screen } of [doctor, error, explain])
    for (const line of screen.wrapped) expect(line).toMatch(/^ *(try|next): |^ *\S+$| --source csv:/)
  expect(doctor.raw()).toContain(`rental-etl run --watch`)
  expect(error.screen.text).toContain(
    'error: occupancy is kept by month, and 2025-W05 is finer than that; 2025-01 is\n    right\n',
  )
  expect(explain.screen.text).toMatch(
    /\nformula {3}revenue = sum of total_price; revenue_rank = rank by revenue,\n {10}descending/,
  )
})

test('Ctrl-C ends a large table', async () => {
  const rows = 'select a.*, b.user_id as other from curated.fact_user_views a, curated.dim_users b'
  const query = onTerminal(['query', rows], settings(home))
  await query.until(/(\n.*){40}/)
  const asked = Date.now()
  query.type(CTRL_C)
  expect(await query.ended()).toBe(130)
  expect(query.screen.lines.at(-2)).toBe('error: interrupted by Ctrl-C')
  // It takes some hundredths of a second; whole seconds are what it took to write what had been read.
  expect(Date.now() - asked).toBeLessThan(1500)
})

test('| head ends a command in silence', async () => {
  const rows = 'select a.*, b.user_id as other from curated.fact_user_views a, curated.dim_users b'
  const heads = [
    ['metrics', 'listings', '--all', '--home', home],
    ['query', rows, '--home', home],
    ['query', rows, '--home', home, '--output', 'csv'],
    ['query', rows, '--home', home, '--json'],
  ]
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
  const script = '"$@" | head -n 1 > /dev/null; echo "exit ${PIPESTATUS[0]}"'
  for (const words of heads) {
    const shell = terminal('bash', ['-c', script, 'bash', process.execPath, BIN, ...words])
    expect(await shell.ended()).toBe(0)
    expect([words.join(' '), shell.screen.text]).toEqual([words.join(' '), 'exit 0'])
  }
})

test('a full disk under the output is told as that, once', async () => {
  const script = '"$@" > /dev/full; echo "exit $?"'
  for (const words of [['metrics'], ['schedule'], ['completion', 'bash', '--json'], ['--help']]) {
    const shell = terminal('bash', ['-c', script, 'bash', process.execPath, BIN, ...words])
    expect(await shell.ended()).toBe(0)
    const lines = shell.screen.text.split('\n').filter((line) => !line.startsWith('next: '))
    expect([words.join(' '), ...lines]).toEqual([
      words.join(' '),
      'error: cannot write the output: ENOSPC: no space left on device, write',
      '  try: df -h .   # free some space',
      'exit 74',
    ])
  }
})

test('tables keep to the width of the terminal', async () => {
  for (const words of [['tables'], ['quarantine'], ['runs'], ['metrics'], ['bookmarks'], ['metrics', 'listings']]) {
    const shownTable = onTerminal(words, settings(home))
    expect(await shownTable.ended()).toBe(0)
    expect([words.join(' '), shownTable.screen.wrapped]).toEqual([words.join(' '), []])
  }
})

describe('bookmarks reset asks', () => {
  const asked = async (answer: string): Promise<{ code: number; after: string }> => {
    const reset = onTerminal(['bookmarks', 'reset', 'bookings'], settings(home))
    await reset.until(/Reset\? \[y\/N\]/)
    reset.type(answer)
    const code = await reset.ended()
    const after = reset.screen.text.slice(reset.screen.text.indexOf('[y/N]') + '[y/N]'.length)
    return { code, after: after.trim() }
  }
  const pending = async (): Promise<boolean> => {
    const { stdout } = await cli(['bookmarks', 'bookings', '--home', home, '--json'])
    return JSON.parse(stdout).result.rows[0].reset_pending
  }

  test('no changes nothing, and says how to do it', async () => {
    expect(await asked('n\r')).toEqual({
      code: 64,
      after: 'n\nerror: nothing was done\n  try: rental-etl bookmarks reset bookings --yes',
    })
    expect(await pending()).toBe(false)
  })

  test('Ctrl-C changes nothing', async () => {
    const { code, after } = await asked(CTRL_C)
    expect([code, after]).toEqual([130, 'error: interrupted by Ctrl-C'])
    expect(await pending()).toBe(false)
  })

  test('yes does it', async () => {
    expect(await asked('y\r')).toEqual({
      code: 0,
      after: 'y\nbookmarks of bookings are reset\nnext: rental-etl run --watch',
    })
    expect(await pending()).toBe(true)
  })
})
