import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { captureCommand } from '../support/capture-command.js'
import { allCommands } from '../support/commands.js'
import { onTerminal } from '../support/pty.js'
import { smallSource } from '../support/small-warehouse.js'

/** Clears a screen, rings, turns a line, hides letters, and ends a line of some terminals. */
const EVIL = '\u001b[2J\u0007\u009b31m\u202e\u2066\u200b\u200f\u061c\ufeff\u2028\u2063'
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u061c\u2028-\u202e\u2060-\u206f\ufeff]/

const commands = await allCommands()
let root = ''
let home = ''
let source = ''

/** A source, a home and a configuration whose names and values hold such characters wherever they may. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rental-etl-evil-'))
  source = join(root, `in${EVIL}`)
  home = join(root, `home${EVIL}`)
  await smallSource(source)
  for (const file of await readdir(source)) {
    const [header = '', ...rows] = (await readFile(join(source, file), 'utf8')).split('\n')
    await writeFile(
      join(source, file),
      [`${header},${EVIL}${file}`, ...rows.map((row) => row && `${row},${EVIL}`)].join('\n'),
    )
  }
  const bookings = join(source, 'bookings.csv')
  const lines = (await readFile(bookings, 'utf8')).trimEnd().split('\n')
  const header = (lines[0] as string).split(',')
  const odd = (values: Record<string, string>): string => {
    const good = (lines[1] as string).split(',')
    return header.map((name, at) => values[name] ?? good[at]).join(',')
  }
  lines.push(odd({ booking_id: `${EVIL}bad` }), odd({ booking_id: '4711', booking_status: `confirmed${EVIL}` }))
  await writeFile(bookings, `${lines.join('\n')}\n`)
  await writeFile(
    join(root, 'rental-etl.yml'),
    `targets:\n  local:\n    kind: local\n    home: ${JSON.stringify(home)}\n    source: ${JSON.stringify(`csv:${source}`)}\n`,
  )
  await writeFile(
    join(root, 'quality.yml'),
    `add:\n  - name: odd\n    severity: warn\n    message: none\n    sql: ${JSON.stringify(`select booking_status || '${EVIL}' as "st${EVIL}" from raw_data.stg_bookings`)}\n`,
  )
  vi.spyOn(process, 'cwd').mockReturnValue(root)
})
afterAll(async () => {
  vi.restoreAllMocks()
  await rm(root, { recursive: true, force: true })
})

async function shown(id: string, ...words: string[]): Promise<string> {
  const { stdout, stderr } = await captureCommand(commands.get(id), id.replaceAll(' ', ':'), ...words)
  return `${stdout}${stderr}`
}

const seen = new Set<string>()

/** What is typed, and what of the characters is then to be read. */
const TYPED: [id: string, words: () => string[], found: RegExp][] = [
  ['doctor', () => [], /column \\u001b\[2J\\u0007\\u009b31m\\u202e/],
  ['run', () => ['--dry-run', '--as-of', '2025-03-24'], /nothing was changed/],
  ['run', () => ['--name', 'first', '--as-of', '2025-03-24'], /source csv:.*in\\u001b\[2J/],
  ['watch', () => ['first'], /\\u001b\[2J.* is not in the model/],
  ['logs', () => ['first'], /\\u001b\[2J/],
  ['runs', () => [], /first +succeeded/],
  ['runs show', () => ['first'], /run first of csv:.*in\\u001b\[2J/],
  ['runs prune', () => ['--keep', '1', '--dry-run'], /0 runs would be removed/],
  [
    'verify',
    () => ['--scope', 'all', '--junit', join(root, 'out.xml')],
    /! odd: \d+ bad rows \(warn\)\n +st\\u001b\[2J.*=.*\\u202e/,
  ],
  ['quarantine', () => [], /\\u001b\[2J/],
  ['quarantine show', () => ['3'], /booking/],
  ['quarantine show', () => ['1'], /booking/],
  ['quarantine show', () => ['2'], /booking_id +\\u001b\[2J\\u0007\\u009b31m/],
  ['bookmarks', () => [], /bookings/],
  ['bookmarks reset', () => ['bookings', '--yes', '--reason', EVIL], /reset/],
  ['bookmarks history', () => [], /\\u001b\[2J/],
  ['bookmarks rewind', () => ['--to-run', `r${EVIL}`], /no run r\\u001b\[2J/],
  ['bookmarks restore', () => ['--yes', '--reason', EVIL], /change 1 is taken back/],
  ['bookmarks audit', () => [], /bookings, read/],
  [
    'trace',
    () => ['booking', '4711'],
    /booking_status confirmed\\u001b\[2J[\s\S]*\nverdict: dropped: raw → curated, not_confirmed:confirmed\\u001b\[2j/,
  ],
  [
    'trace',
    () => ['booking', '7'],
    /in\\u001b\[2J.*bookings\.csv\n[\s\S]*verdict: dropped: source → raw, bad_value:booking_date/,
  ],
  ['tables', () => [], /stg_bookings/],
  ['query', () => [`select '${EVIL}' as "name${EVIL}"`], /name\\u001b\[2J.*\n─+\n\\u001b\[2J/],
  ['query', () => [`select '${EVIL}' as "name${EVIL}"`, '-o', 'md'], /\| name\\u001b\[2J/],
  ['query', () => [`selec ${EVIL}`], /error: .*\n.*selec \\u001b\[2J/],
  ['metrics', () => [], /occupancy/],
  ['metrics', () => ['listings', '--city', EVIL], /no listing or booking has the city "\\u001b\[2J/],
  ['metrics', () => [`occ${EVIL}`], /there is no metric occ\\u001b\[2J/],
  ['export', () => ['dim_users', '--to', join(root, `users${EVIL}.csv`)], /written to .*users\\u001b\[2J/],
  ['config explain', () => ['home'], /home\\u001b\[2J/],
  ['config explain', () => [`ho${EVIL}`], /error: .*ho\\u001b\[2J/],
  ['schedule', () => ['--home', home], /home\\u001b\[2J/],
  ['sample', () => [join(root, `sample${EVIL}`), '--scale', '0.01'], /written to .*sample\\u001b\[2J/],
  ['rerun', () => ['curated', 'first', '--source', `csv:${source}`], /succeeded/],
  ['backfill', () => ['--start', `2025-01-01${EVIL}`, '--end', '2025-01-02'], /2025-01-01\\u001b\[2J/],
  ['resume', () => ['--explain'], /error: /],
  ['resume', () => [`r${EVIL}`], /r\\u001b\[2J/],
  ['cancel', () => [`r${EVIL}`, '--reason', EVIL], /r\\u001b\[2J/],
  ['completion', () => ['zsh'], /rental-etl/],
  ['ci smoke', () => [], /configuration/],
  ['init', () => [], /rental-etl\.yml/],
  ['bootstrap', () => ['--yes'], /is on this machine/],
  ['status', () => ['--target', `t${EVIL}`], /t\\u001b\[2J/],
]

describe('nothing of the data or the configuration controls the terminal', () => {
  for (const [id, words, found] of TYPED) {
    test(`${id}, shown as ${found.source}`, async () => {
      seen.add(id)
      const text = await shown(id, ...words())
      // A completion script is for the shell, and holds nothing of ours.
      if (id !== 'completion') expect(UNSAFE.exec(text)?.input.slice(0, 2000)).toBeUndefined()
      expect(text).toMatch(found)
    })
  }

  test('in the JUnit report', async () => {
    const xml = await readFile(join(root, 'out.xml'), 'utf8')
    expect([UNSAFE.test(xml), xml.includes('\ufffd')]).toEqual([false, false])
    expect(xml).toMatch(/name="odd"[^<]*<[^<]*st\\u001b\[2J/)
  })

  test('every command was tried', () => {
    expect([...commands.keys()].filter((id) => !seen.has(id))).toEqual([])
  })

  test('in the live view', async () => {
    const folder = join(root, 'elsewhere')
    await mkdir(folder)
    const env = { RENTAL_ETL_HOME: join(folder, `h${EVIL}`), RENTAL_ETL_SOURCE: `csv:${source}`, NO_COLOR: '1' }
    const run = onTerminal(['run', '--watch', '--name', 'live', '--as-of', '2025-03-24'], {
      columns: 400,
      env,
      cwd: folder,
    })
    expect(await run.ended()).toBe(0)
    expect(run.screen.lines[0]).toMatch(/^run live · as of 2025-03-24 · csv:.*in\\u001b\[2J\\u0007/)
    expect(run.screen.text).toMatch(/warning: .*\\u001b\[2J.* is not in the model/)
    expect(run.raw()).not.toContain('\u001b[2J')
    for (const character of EVIL.replaceAll('\u001b', '').replaceAll(/[ -~]/g, ''))
      expect([character.charCodeAt(0).toString(16), run.raw().includes(character)]).toEqual([
        character.charCodeAt(0).toString(16),
        false,
      ])
  })
})

test('programs get the values as they are', async () => {
  const { stdout } = await captureCommand(commands.get('query'), 'query', `select '${EVIL}' as a`, '--json')
  expect(JSON.parse(stdout).result.rows).toEqual([{ a: EVIL }])
  const csv = await captureCommand(commands.get('query'), 'query', `select '${EVIL}' as a`, '-o', 'csv')
  expect(csv.stdout).toContain(EVIL)
})
