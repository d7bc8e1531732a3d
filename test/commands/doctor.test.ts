import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import CiSmoke from '../../src/commands/ci/smoke.js'
import Doctor from '../../src/commands/doctor.js'
import Run from '../../src/commands/run.js'
import Verify from '../../src/commands/verify.js'
import type { Probe } from '../../src/lib/ports/doctor.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome, steady } from '../support/small-home.js'
import { temporaryFolder } from '../support/temporary.js'
import { workingFolder } from '../support/working-folder.js'

const { home, folder, source } = smallHome()
const doctor = (...argv: string[]) => captureCommand(Doctor, 'doctor', ...argv)

test('all is well, once a run has brought the views up to the day', async () => {
  await workingFolder()
  const where = ['--home', home(), '--source', `csv:${source()}`]
  const before = await doctor(...where)
  const told = steady(before.stdout, folder()).split('\n')
  expect(told.slice(-6)).toEqual([
    '! warehouse                    shows run first, as of 2025-03-24, which is stale',
    '    try: rental-etl run --watch --home FOLDER/home --source csv:FOLDER/source',
    '! last run                     run second failed at extract: source folder FOLDER/nowhere does not exist',
    expect.stringMatching(/^ {4}try: rental-etl run --source csv:DIR/),
    '0 of 16 checks failed, 5 warned',
    '',
  ])
  await captureCommand(Run, 'run', '--name', 'third', ...where)
  const { stdout, stderr, code } = await doctor(...where)
  expect([code, stderr]).toEqual([0, ''])
  const shown = steady(stdout, folder()).replaceAll(/Node [\d.]+|DuckDB v[\d.]+|[\d.]+ GB (are|of)/g, (text) =>
    text.replaceAll(/[\d.]+/g, 'N'),
  )
  expect(shown.split('\n').filter((line) => !line.includes(' disk '))).toEqual([
    '✓ configuration                no rental-etl.yml, so the defaults: target local, source csv:FOLDER/source, home FOLDER/home',
    '✓ quality.yml                  no changes to the rules',
    '✓ node                         Node N',
    '✓ engine                       DuckDB vN',
    expect.stringMatching(/^✓ workflow {21}workflow and \d+ SQL files are there$/),
    '✓ limits                       N GB of memory, and no limit that hinders a run',
    '✓ home                         FOLDER/home can be written',
    '✓ lock                         no run is going on',
    '✓ source                       it is there',
    '✓ source apartments            3 rows, every byte looked at',
    expect.stringMatching(
      /^! source apartment_attributes {2}3 rows, every byte looked at; .*13 columns are not in the source/,
    ),
    '    try: head -1 FOLDER/source/apartment_attributes.csv',
    expect.stringMatching(/^! source bookings {14}8 rows, every byte looked at; .*: payment_status, num_guests$/),
    '    try: head -1 FOLDER/source/bookings.csv',
    expect.stringMatching(/^! source user_viewing {10}2 rows, every byte looked at; .*column is_wishlisted is not in/),
    '    try: head -1 FOLDER/source/user_viewing.csv',
    expect.stringMatching(/^✓ warehouse {20}shows run third, as of \d{4}-\d\d-\d\d$/),
    '✓ last run                     run third succeeded',
    '0 of 16 checks failed, 3 warned',
    '',
  ])
  expect(shown).toContain(
    '✓ disk                         N GB are free; a run keeps a second copy of the warehouse while it works',
  )
})

test('what is wrong with the source, and how to mend it; it fails only where it is asked to', async () => {
  await workingFolder()
  const broken = await temporaryFolder()
  await writeFile(join(broken, 'apartments.csv'), 'id,title\n')
  const argv = ['--home', join(broken, 'home'), '--source', `csv:${broken}`]
  const { stdout, code } = await doctor(...argv)
  const wrong = steady(stdout, broken)
    .split('\n')
    .filter((line) => /^(✗|–| {4}try|\d+ of)/.test(line))
  expect([code, ...wrong]).toEqual([
    0,
    '✗ source apartments            FOLDER/apartments.csv lacks the required columns price, currency, listing_created_on, is_active, last_modified_timestamp; its header is: id, title',
    '    try: head -1 FOLDER/apartments.csv',
    '✗ source apartment_attributes  FOLDER/apartment_attributes.csv is missing; a source has one file for each table',
    '    try: ls FOLDER',
    '✗ source bookings              FOLDER/bookings.csv is missing; a source has one file for each table',
    '    try: ls FOLDER',
    '✗ source user_viewing          FOLDER/user_viewing.csv is missing; a source has one file for each table',
    '    try: ls FOLDER',
    '– warehouse                    there is none yet',
    '    try: rental-etl run --watch --home FOLDER/home --source csv:FOLDER',
    '– last run                     there was none yet',
    '4 of 16 checks failed',
  ])
  expect((await doctor(...argv, '--fail-on', 'error')).code).toBe(1)
})

test('what hinders a look is told as its outcome, and all else is looked at', async () => {
  await workingFolder()
  const none = join(await temporaryFolder(), 'none')
  vi.stubEnv('TMPDIR', none)
  const { stdout, code } = await doctor('--home', home(), '--source', `csv:${source()}`, '--json')
  const { checks } = JSON.parse(stdout).result as { checks: Probe[] }
  expect(code).toBe(0)
  expect(checks.find(({ name }) => name === 'source')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining(`no folder for temporary files can be made in ${none} (TMPDIR)`),
    mend: 'export TMPDIR=DIR   # a folder that can be written',
  })
  expect(checks.map(({ name }) => name).slice(-2)).toEqual(['warehouse', 'last run'])
})

test('a home on a disk that is gone is told, and the rest is looked at', async () => {
  const where = await workingFolder()
  await symlink('/nowhere/at/all', join(where, 'home'))
  const { stdout } = await doctor('--home', join(where, 'home'), '--source', `csv:${source()}`)
  const told = stdout.split('\n')
  const at = told.findIndex((line) => line.startsWith('✗'))
  expect(told.slice(at, at + 2)).toEqual([
    `✗ home                         ${where}/home is a link to nowhere (/nowhere/at/all)`,
    `    try: rm ${where}/home   # the link; or bring back what it leads to`,
  ])
  expect(told.at(-2)).toMatch(/^1 of \d+ checks failed/)
})

test('a broken configuration is the first thing to mend, and doctor does not send to itself', async () => {
  const where = await workingFolder({ 'rental-etl.yml': 'targets:\n  local:\n    kind: local\n    sorce: sample\n' })
  const { stdout, code } = await doctor()
  expect([code, ...stdout.split('\n')]).toEqual([
    0,
    `✗ configuration                ${where}/rental-etl.yml:4: there is no key targets.local.sorce; the nearest is source`,
    `    try: sed -n 4p ${where}/rental-etl.yml   # the line to mend`,
    '– all else                     not looked at: it depends on the configuration',
    '1 of 2 checks failed',
    '',
  ])
})

test('quality.yml is looked at, too', async () => {
  const yaml = 'rules:\n  stays_ordered:\n    severity: bad\n'
  const where = await workingFolder({ 'quality.yml': yaml })
  const look = async () => {
    const { stdout } = await doctor('--home', home(), '--source', `csv:${source()}`, '--json')
    const { checks } = JSON.parse(stdout).result as { checks: { name: string }[] }
    return checks.find(({ name }) => name === 'quality.yml')
  }
  expect(await look()).toEqual({
    name: 'quality.yml',
    status: 'fail',
    message: `${where}/quality.yml:3: rules.stays_ordered.severity ("bad"): invalid option: expected one of "error"|"warn"|"info"|"off"`,
    mend: `sed -n 3p ${where}/quality.yml   # the line to mend`,
  })
  await writeFile(join(where, 'quality.yml'), yaml.replace('bad', 'warn'))
  expect(await look()).toEqual({ name: 'quality.yml', status: 'ok', message: '1 rule changed or added', mend: null })
})

test.each([
  [
    'a rule that does not exist',
    'rules:\n  stays_orderd: {}\n',
    ':2: there is no rule stays_orderd; the nearest is stays_ordered',
  ],
  [
    'a rule that cannot run',
    'add:\n  - {name: mine, severity: warn, message: m, sql: select 1 from curated.fact_booking}\n',
    ':2: rule mine cannot run: Catalog Error: Table with name fact_booking does not exist!',
  ],
  [
    'a rule that would write',
    'add:\n  - {name: mine, severity: warn, message: m, sql: "select 1) as x; drop table curated.build; select (1"}\n',
    ':2: rule mine cannot run: 3 statements were given; query takes one',
  ],
])('%s is told by doctor, verify and ci smoke alike, before there is a warehouse', async (_, yaml, message) => {
  const where = await workingFolder({ 'quality.yml': yaml })
  const home = ['--home', join(where, 'none')]
  const first = (text: string | undefined): string | undefined => text?.split('\n')[0]
  const { stdout } = await doctor('--source', `csv:${source()}`, ...home, '--json')
  const probes = JSON.parse(stdout).result.checks as { name: string; status: string; message: string }[]
  const probe = probes.find(({ name }) => name === 'quality.yml')
  const verified = await captureCommand(Verify, 'verify', ...home, '--json')
  const smoked = await captureCommand(CiSmoke, 'ci:smoke', '--json')
  const [step] = JSON.parse(smoked.stdout).result.steps as { status: string; message: string }[]
  const wanted = `${where}/quality.yml${message}`
  expect([probe?.status, first(probe?.message)]).toEqual(['fail', wanted])
  expect([verified.code, first(JSON.parse(verified.stdout).error.message)]).toEqual([65, wanted])
  expect([smoked.code, step?.status, first(step?.message)]).toEqual([1, 'fail', wanted])
})
