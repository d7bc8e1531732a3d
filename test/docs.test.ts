import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findConfig, readConfig } from '../src/lib/adapters/files/config-file.js'
import { readQuality } from '../src/lib/adapters/files/config-quality.js'
import { readSqlFiles } from '../src/lib/adapters/files/sql-files.js'
import { settingsMarkdown } from '../src/lib/core/config/settings-text.js'
import { METRICS } from '../src/lib/core/metrics/metrics.js'
import { CURATED_TABLES, DIM_DATES, SOURCE_TABLES } from '../src/lib/core/model.js'
import {
  metricColumnsMarkdown,
  metricsMarkdown,
  rulesMarkdown,
  sourceTablesMarkdown,
  tableListMarkdown,
} from '../src/lib/core/model-docs.js'
import { parseRule, withOverrides } from '../src/lib/core/verify/quality.js'
import { globalsBehind } from '../src/lib/core/words/command-line.js'
import { settingsOf } from '../src/lib/runtime-settings.js'
import { type Mariadb, startMariadb } from './box/mariadb.js'
import { type Captured, captureCommand } from './support/capture-command.js'
import {
  anchors,
  type CommandFile,
  commandFiles,
  DOC_FILES,
  documentedLines,
  isAwsLine,
  marked,
  ROOT,
  readDoc,
  shellLines,
  shellWords,
  toolLine,
  validated,
} from './support/doc-commands.js'
import { createDatabase, fillTable, READER } from './support/mysql-tables.js'
import { runProcess } from './support/run-process.js'

const SOURCE = 'sample:0.02'

/** Command lines that no test can run as they stand, and why. */
const NOT_RUN: Record<string, string> = {
  'rental-etl watch @running': 'follows a run until it ends; see the tests of watch-run',
  'rental-etl watch @running --wait 5m --json': 'follows a run until it ends; see the tests of watch-run',
  'rental-etl COMMAND --help': 'COMMAND stands for any command',
  'rental-etl completion SHELL': 'SHELL stands for any shell',
}

/** Lines of shell that are not the tool's. */
const OTHER_SHELL: Record<string, string> = {
  'read -rs MYSQL_PWD; export MYSQL_PWD': 'asks for a password',
  'npm ci && npm test': 'is what runs this test',
  'npm run test:unit': 'runs tests',
  'npm run test:deep': 'runs tests',
  'npm run test:mysql': 'runs tests',
  'npx vitest run test/sql': 'runs tests',
  'npm test': 'is what runs this test',
  'npm link': 'changes the machine',
  'npm pack && npm install --global ./rental-etl-*.tgz': 'changes the machine',
  'npm run bench': 'takes minutes',
  'npm run bench -- --help': 'is not the tool',
  'npm run bench -- 10 3 --docs': 'takes minutes',
  'npm run bench -- 10 3 --growth --docs': 'takes minutes',
  'npm run bench -- 10 3 --mysql --docs': 'takes minutes',
  'npm run bench -- 2 3 --spark --docs': 'takes minutes',
  'npm run bench -- 10 3 --memory 100': 'takes minutes',
  'npm run bench -- 10 3 --views 40': 'takes minutes',
  'npm run test:kill': 'takes minutes; a part of it is a test of its own',
  'npm run test:kill -- --runs 500 --seed 7': 'takes minutes',
  'npm run test:kill -- --seed 7 --step 123': 'takes minutes',
  'npm run test:damage': 'takes minutes',
  'npm run test:damage -- --only run.json': 'takes minutes',
  'npm run test:damage -- --write': 'takes minutes',
  'mv .rental-etl/warehouse.duckdb .rental-etl/warehouse.duckdb.broken': 'is not the tool',
}

/** Documented exit codes other than 0. */
function documentedExit(line: string): number {
  if (line.includes(' --detach')) return 69
  // Asks, and there is no terminal.
  if (line.startsWith('rental-etl cancel') && !line.includes('--yes')) return 64
  // Nothing was loaded by then.
  if (line.includes('bookmarks rewind') && line.includes('--to-date')) return 66
  return 0
}

/** What a line needs to find in its folder. */
type State = 'empty' | 'loaded' | 'failed' | 'running' | 'reset'
function neededState(line: string): State {
  if (line.includes(' --detach')) return 'empty'
  if (line.startsWith('rental-etl cancel')) return 'running'
  if (line.includes('bookmarks restore')) return 'reset'
  return /\bresume\b|@failed|--failed|--status failed/.test(line) ? 'failed' : 'loaded'
}

const commands = await commandFiles()
const lines = documentedLines(commands).filter((line) => !isAwsLine(line))

let folder: string
let started: string
let server: Mariadb
let database: string
const before = { ...process.env }

beforeAll(async () => {
  started = process.cwd()
  folder = await mkdtemp(join(tmpdir(), 'rental-etl-docs-'))
  process.env['RENTAL_ETL_SOURCE'] = SOURCE
  for (const name of ['RENTAL_ETL_HOME', 'RENTAL_ETL_TARGET', 'FORCE_COLOR']) delete process.env[name]
  await mkdir(join(folder, 'empty'))
  await inFolder('loaded', 'empty')
  expect(await type('rental-etl run --name nightly-2026-05-01')).toMatchObject({ code: 0 })
  await inFolder('reset', 'loaded')
  expect(await type('rental-etl bookmarks reset --yes')).toMatchObject({ code: 0 })
  await inFolder('failed', 'loaded')
  server = await startMariadb()
  database = await createDatabase(server)
  for (const table of SOURCE_TABLES) await fillTable(server, table, join(sampleFolder(), `${table.name}.csv`))
  process.env['MYSQL_PWD'] = READER.password
  expect(await type('rental-etl run --source csv:gone')).toMatchObject({ code: 66 })
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  process.chdir(started)
  process.env = before
  await rm(folder, { recursive: true, force: true })
})

describe('command lines of the documentation', () => {
  test('there are many', () => {
    expect(lines.length).toBeGreaterThan(80)
    expect(Object.keys(NOT_RUN).filter((line) => !lines.includes(line))).toEqual([])
  })

  test.each(lines.filter((line) => !(line in NOT_RUN)))('%s', async (line) => {
    const state = neededState(line)
    const cwd = await inFolder('line', state === 'running' ? 'empty' : state)
    try {
      if (state === 'running') {
        const going = runProcess(join(cwd, '.rental-etl'), 'going-on', 'block')
        await going.until((event) => event.type === 'layer_started')
      }
      const { code, stdout, stderr } = await type(await placed(line, cwd))
      expect(`exit ${code}\n${code === documentedExit(line) ? '' : stdout + stderr}`).toBe(
        `exit ${documentedExit(line)}\n`,
      )
      expect(stdout + stderr).not.toBe('')
      if (line.includes('--json')) expect(JSON.parse(stdout)).toMatchObject({ exit: { code } })
      // The run that was started must not outlive its folder.
      if (line.includes(' --detach')) expect(await type('rental-etl watch')).toMatchObject({ code: 0 })
    } finally {
      process.chdir(folder)
      await rm(cwd, { recursive: true, force: true })
    }
  })

  test('every other line of shell is known', () => {
    const other = DOC_FILES.flatMap((file) => shellLines(readDoc(file))).filter((line) => toolLine(line) === undefined)
    expect([...new Set(other)].sort()).toEqual(Object.keys(OTHER_SHELL).sort())
  })
})

describe('what the documentation must hold', () => {
  test.each(DOC_FILES)('links of %s lead somewhere', (file) => {
    const links = [...readDoc(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string)
    const dead = links.filter((link) => {
      if (/^https?:/.test(link)) return false
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !anchors(readDoc(target)).includes(anchor)
    })
    expect(dead).toEqual([])
  })

  test('every command stands in README and in docs/cli.md', () => {
    const missing = (file: string): string[] =>
      commands.map(({ id }) => id).filter((id) => !readDoc(file).includes(`\`${id}\``))
    expect({ readme: missing('README.md'), cli: missing('docs/cli.md') }).toEqual({ readme: [], cli: [] })
  })

  test('every error code stands in docs/troubleshooting.md, and every exit code in docs/cli.md', async () => {
    const errors = await readFile(join(ROOT, 'src/lib/core/errors.ts'), 'utf8')
    const codes = [...errors.matchAll(/^ {2}([A-Z_]+): '[a-z_]+',$/gm)].map((match) => match[1] as string)
    expect(codes.length).toBeGreaterThan(20)
    expect(codes.filter((code) => !readDoc('docs/troubleshooting.md').includes(`\`${code}\``))).toEqual([])
    const exits = [...errors.matchAll(/^ {2}([a-z_]+): (\d+),$/gm)].map(([, name, code]) => `| ${code} | \`${name}\` |`)
    expect(exits.length).toBeGreaterThan(10)
    expect(exits.filter((row) => !readDoc('docs/cli.md').includes(row))).toEqual([])
  })

  test('the tables of docs/data.md and docs/configuration.md are those of the model, of sql/checks and of the settings', async () => {
    const data = readDoc('docs/data.md')
    expect(marked(data, 'source tables')).toBe(sourceTablesMarkdown())
    expect(marked(data, 'curated tables')).toBe(tableListMarkdown([...CURATED_TABLES, DIM_DATES]))
    const rules = (await readSqlFiles('checks')).map(({ name, text }) => parseRule(name, text))
    const configuration = readDoc('docs/configuration.md')
    expect(marked(configuration, 'quality rules')).toBe(rulesMarkdown(rules))
    expect(marked(configuration, 'settings')).toBe(settingsMarkdown())
  })

  test('the tables of docs/metrics.md are those of the metrics', () => {
    const text = readDoc('docs/metrics.md')
    expect(marked(text, 'metrics')).toBe(metricsMarkdown(METRICS))
    for (const metric of METRICS) expect(marked(text, `columns of ${metric.name}`)).toBe(metricColumnsMarkdown(metric))
  })

  test('the files of docs/configuration.md are valid', async () => {
    const text = readDoc('docs/configuration.md')
    const cwd = await inFolder('configured', 'loaded')
    for (const name of ['rental-etl.yml', 'quality.yml']) await writeFile(join(cwd, name), validated(text, name))
    const mapped = await readConfig('rental-etl.yml', validated(text, 'mapping'))
    expect(Object.keys(mapped.targets['local']?.mapping?.bookings?.columns ?? {})).toHaveLength(4)
    const aws = await readConfig('rental-etl.yml', validated(readDoc('docs/aws.md'), 'aws'))
    expect(settingsOf({ flags: {}, env: {}, file: aws, cwd })).toMatchObject({
      kind: 'aws',
      target: 'prod',
      stack: 'rental-etl',
    })
    const config = await findConfig(cwd)
    expect(config?.target).toBe('nightly')
    expect(config?.targets).toEqual({
      nightly: {
        kind: 'local',
        source: 'csv:exports/latest',
        home: 'warehouse',
        schedule: '30 2 * * *',
        grace: '45m',
        memory: '2GB',
        guards: { max_deleted: 0.1, max_deleted_min_rows: 500, max_quarantined: 0.05 },
      },
      trial: { kind: 'local', source: 'sample:0.1', home: 'trial', as_of: '2026-06-30' },
    })
    const shipped = (await readSqlFiles('checks')).map(({ name, text }) => parseRule(name, text))
    const known = shipped.map(({ name }) => name)
    const rules = withOverrides(shipped, await readQuality(cwd, known))
    expect(rules).toHaveLength(shipped.length + 1)
    expect(rules.find(({ name }) => name === 'stays_ordered')).toMatchObject({ severity: 'error', allowed: 5 })
    const verified = await type('rental-etl verify --scope rules --home .rental-etl --json')
    const checks = JSON.parse(verified.stdout).result.checks as { name: string; status: string }[]
    const status = (name: string) => checks.find((check) => check.name === name)?.status
    expect([status('confirmed_bookings_have_a_price'), status('statuses_known')]).toEqual(['pass', 'skip'])
  })

  test('it speaks of the project alone', () => {
    const machine = /\/work\/|\/tmp\/|\/home\/|\/root\/|localhost|TODO|FIXME/
    expect(DOC_FILES.filter((file) => machine.test(readDoc(file)))).toEqual([])
  })
})

/** Makes a folder as a copy of another one, and works in it. */
async function inFolder(name: string, from: string): Promise<string> {
  const path = join(folder, name)
  await cp(join(folder, from), path, { recursive: true })
  process.chdir(path)
  return path
}

/** The line with real folders for its placeholders. */
async function placed(line: string, cwd: string): Promise<string> {
  if (line.includes('csv:DIR')) await cp(sampleFolder(), join(cwd, 'csv'), { recursive: true })
  return line
    .replaceAll('mysql://USER@HOST:3306/rental_db', database)
    .replaceAll('csv:DIR', 'csv:csv')
    .replaceAll(/\bDIR\b/g, 'new')
}

function sampleFolder(): string {
  return join(folder, 'loaded', '.rental-etl', 'sample', SOURCE.slice('sample:'.length))
}

/** Runs a line: in this process, or as one of its own where it starts processes or is the launcher's to answer. */
async function type(line: string): Promise<Captured> {
  const ids = commands.map(({ id }) => id)
  const words = globalsBehind(shellWords(line).slice(1), ids)
  if (line.includes(' --detach') || line.includes(' --help')) return spawned(words)
  const found = commands
    .filter(({ id }) => id.split(' ').every((word, at) => words[at] === word))
    .sort((a, b) => b.id.length - a.id.length)[0] as CommandFile | undefined
  if (!found) throw new Error(`there is no command in ${line}`)
  const argv = words.slice(found.id.split(' ').length)
  return captureCommand(found.command, found.id.replaceAll(' ', ':'), ...argv)
}

async function spawned(words: string[]): Promise<Captured> {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'run.js'), ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const captured: Captured = { stdout: '', stderr: '', code: 0 }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      captured[name] += text
    })
  }
  const [code] = (await once(child, 'close')) as [number]
  return { ...captured, code }
}
