import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import Schedule from '../../src/commands/schedule.js'
import { captureCommand } from '../support/capture-command.js'
import { BIN, type Finished } from '../support/cli.js'
import { smallSource } from '../support/small-warehouse.js'
import { workingFolder } from '../support/working-folder.js'

const schedule = (...argv: string[]) => captureCommand(Schedule, 'schedule', ...argv)

async function lines(...argv: string[]): Promise<string[]> {
  vi.useFakeTimers({ now: new Date('2026-05-01T02:00:00Z'), toFake: ['Date'] })
  vi.stubEnv('TZ', process.env.TZ ?? 'UTC')
  try {
    const { stdout, stderr, code } = await schedule(...argv)
    expect([code, stderr]).toEqual([0, ''])
    return stdout.split('\n').slice(0, -1)
  } finally {
    vi.useRealTimers()
  }
}

const TOOL = `${process.execPath} ${BIN}`
const line = (folder: string, home: string, words: string): string =>
  `cd ${folder} && mkdir -p ${home} && { ${TOOL} run ${words} >> ${log(home)} 2>&1 || { code=$?; tail -n 20 ${log(home)}; exit $code; }; }`
const log = (home: string): string => (home.endsWith("'") ? `${home.slice(0, -1)}/cron.log'` : `${home}/cron.log`)

test('the next three times, and a line for crontab', async () => {
  const folder = await workingFolder()
  vi.stubEnv('TZ', 'UTC')
  expect(await lines()).toEqual([
    'next: 2026-05-02T02:00:00Z, 2026-05-03T02:00:00Z, 2026-05-04T02:00:00Z (UTC)',
    'to schedule it, add this with `crontab -e`:',
    `0 2 * * * ${line(folder, `${folder}/.rental-etl`, '--target local')}`,
  ])
})

test('what cron would not know is written down', async () => {
  const folder = await workingFolder()
  vi.stubEnv('TZ', 'UTC')
  vi.stubEnv('RENTAL_ETL_HOME', 'my home')
  vi.stubEnv('RENTAL_ETL_MEMORY', '2GB')
  const [, , found] = await lines('--source', 'csv:100%')
  const home = `'${folder}/my home'`
  const words = `--target local --source 'csv:${folder}/100\\%' --home ${home}`
  expect(found).toBe(`0 2 * * * ${line(folder, home, words).replace('{ /', '{ RENTAL_ETL_MEMORY=2GB /')}`)
})

test('the schedule of the target, in the hours of the machine', async () => {
  const yaml = 'targets:\n  nightly:\n    kind: local\n    home: wh\n    schedule: 30 4 * * *\n'
  const folder = await workingFolder({ 'rental-etl.yml': yaml })
  vi.stubEnv('TZ', 'Europe/Berlin')
  expect(
    (await lines('--target', 'nightly')).slice(0, 1).concat((await lines('--target', 'nightly')).slice(2)),
  ).toEqual([
    'next: 2026-05-01T04:30:00Z, 2026-05-02T04:30:00Z, 2026-05-03T04:30:00Z (UTC)',
    '# 30 4 * * * UTC, in the hours of Europe/Berlin; out of summer time it begins 60 minutes later',
    `30 6 * * * ${line(folder, `${folder}/wh`, '--target nightly')}`,
  ])
})

test('a day that never comes', async () => {
  await workingFolder({ 'rental-etl.yml': 'targets:\n  local:\n    kind: local\n    schedule: 0 2 30 2 *\n' })
  expect((await lines())[0]).toBe('0 2 30 2 * never comes')
})

test('as JSON', async () => {
  const folder = await workingFolder()
  vi.stubEnv('TZ', 'UTC')
  const { stdout, code } = await schedule('--json')
  const { result } = JSON.parse(stdout)
  expect([code, result.schedule, result.next_runs.length, result.crontab]).toEqual([
    0,
    '0 2 * * *',
    3,
    `0 2 * * * ${line(folder, `${folder}/.rental-etl`, '--target local')}`,
  ])
})

/** Does what cron does with a line: no variables but its own, / as the working directory, % unescaped, and sh. */
function likeCron(crontab: string): Promise<Pick<Finished, 'stdout' | 'stderr' | 'code'>> {
  const command = crontab.split('\n').at(-1)?.split(' ').slice(5).join(' ').replaceAll('\\%', '%') ?? ''
  const options = { cwd: '/', env: { PATH: '/usr/bin:/bin', HOME: '/', LOGNAME: 'nobody', SHELL: '/bin/sh' } }
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) =>
      resolve({ stdout, stderr, code: error ? Number(error.code) : 0 }),
    )
  })
}

test('the line works as it is: silent where the run succeeds, and with the reason where it does not', async () => {
  const folder = await workingFolder()
  await smallSource(join(folder, 'my 100% source'))
  const crontab = async (source: string): Promise<string> => {
    const { stdout } = await schedule('--source', `csv:${source}`, '--home', `${folder}/ho me`, '--json')
    return JSON.parse(stdout).result.crontab
  }
  expect(await likeCron(await crontab('my 100% source'))).toEqual({ stdout: '', stderr: '', code: 0 })
  const log = await readFile(join(folder, 'ho me', 'cron.log'), 'utf8')
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ run {6}run \S+ as of \S+, source csv:.*my 100% source$/m)
  const failed = await likeCron(await crontab('nowhere'))
  expect([failed.code, failed.stderr]).toEqual([66, ''])
  expect(failed.stdout).toContain(`error: source folder ${folder}/nowhere does not exist\n  try: `)
})

test.each([
  ['a file', 'source: mysql://etl@db/rental_db\n    source_password: file:secret', false],
  ['its URL', 'source: mysql://etl:secret@db/rental_db', false],
  ['a variable', 'source: mysql://etl@db/rental_db\n    source_password: env:SECRET', true],
  ['no place that it names', 'source: mysql://etl@db/rental_db', true],
])('whether cron lacks the password of a database, which stands in %s', async (_, source, lacks) => {
  await workingFolder({ 'rental-etl.yml': `targets:\n  local:\n    ${source}\n` })
  const { stdout, stderr, code } = await schedule()
  expect(code).toBe(0)
  expect(stdout).not.toContain('secret')
  expect(stderr.includes('cron knows neither MYSQL_PWD nor any other variable')).toBe(lacks)
})

test('the password of a source that the environment names does not come into the line, and is told', async () => {
  await workingFolder()
  vi.stubEnv('RENTAL_ETL_SOURCE', 'mysql://etl:secret@db/rental_db')
  const { stdout, stderr } = await schedule()
  expect(stdout).toContain('--source mysql://etl@db:3306/rental_db')
  expect(stdout + stderr).not.toContain('secret@')
  expect(stderr).toContain('source_password: file:PATH')
})
