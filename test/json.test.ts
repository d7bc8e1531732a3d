import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Captured, captureCommand } from './support/capture-command.js'
import { cli } from './support/cli.js'
import { allCommands } from './support/commands.js'
import { loadSchemas } from './support/json-schema.js'

const SOURCE = 'sample:0.02'

const schemas = await loadSchemas()
const commands = await allCommands()
let folder = ''
let home = ''

/** Runs `runs show @latest` and the like in this process, on the home that all tests here share. */
async function run(words: string[], options: { json: boolean; home?: string; source?: string }): Promise<Captured> {
  const id = [words.slice(0, 2).join(' '), words[0] ?? ''].find((one) => commands.has(one)) ?? ''
  const rest = words.slice(id.split(' ').length)
  const flags = ['--home', options.home ?? home, '--source', options.source ?? SOURCE]
  const typed = [...(options.json ? ['--json'] : []), ...flags, ...rest]
  return captureCommand(commands.get(id), id.replaceAll(' ', ':'), ...typed)
}

interface Envelope {
  schema: string
  command: string | null
  run_id: string | null
  status: string
  result: Record<string, unknown>
  error?: { code: string; message: string; suggestions: string[] }
  exit: { code: number; name: string }
}

/** The envelope that a command prints with --json, alone on stdout, checked against the schema of its command. */
async function json(code: number, words: string[], where: { home?: string; source?: string } = {}): Promise<Envelope> {
  const { stdout, stderr, code: exit } = await run(words, { ...where, json: true })
  return checked({ stdout, stderr, code: exit }, code)
}

function checked({ stdout, stderr, code: exit }: Captured, code: number): Envelope {
  expect(stderr).toBe('')
  const envelope = JSON.parse(stdout) as Envelope
  const name = envelope.schema.replace(/^rental-etl\/(.*)\/1$/, '$1')
  expect(schemas.mistakes(name, envelope)).toEqual([])
  expect([exit, envelope.exit.code]).toEqual([code, code])
  seen.add(name)
  return envelope
}

/** Schemas that real output was checked against. */
const seen = new Set<string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rental-etl-json-'))
  home = join(folder, 'home')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('there is a schema for every command, and for what is no command', () => {
  const names = [...commands.keys()].map((id) => id.replaceAll(' ', '-'))
  expect([...schemas.names].sort()).toEqual(['envelope', 'error', ...names].sort())
})

describe('results of a home with one run', () => {
  test('run', async () => {
    const { run_id, result } = await json(0, ['run', '--name', 'first'])
    expect([run_id, result.run_id, result.status]).toEqual(['first', 'first', 'succeeded'])
  })

  const reading: [number, string[]][] = [
    [0, ['run', '--dry-run']],
    [0, ['watch', 'first']],
    [0, ['backfill', '--start', '2026-01-01', '--end', '2026-01-02', '--dry-run']],
    [0, ['runs']],
    [0, ['runs', '-o', 'json', '--status', 'failed']],
    [0, ['runs', 'show', 'first']],
    [0, ['logs', 'first']],
    [0, ['logs', 'first', '--follow', '--layer', 'raw']],
    [0, ['verify', '--scope', 'all']],
    [0, ['bookmarks']],
    [0, ['bookmarks', 'bookings']],
    [0, ['bookmarks', 'history']],
    [0, ['bookmarks', 'audit']],
    [0, ['bookmarks', 'rewind', '--to-run', 'first', '--simulate']],
    [0, ['quarantine']],
    [0, ['quarantine', 'bookings', '--all']],
    [0, ['quarantine', 'show', '1']],
    ...['booking 7000000000', 'booking 7000000006', 'listing 5508000001', 'user 100001'].map(
      (key): [number, string[]] => [0, ['trace', ...key.split(' ')]],
    ),
    [66, ['trace', 'view', '1,2,2026-01-01']],
    [0, ['metrics']],
    [0, ['metrics', 'occupancy', '--explain']],
    ...['price', 'occupancy', 'locations', 'listings', 'bookings', 'duration', 'repeat'].map(
      (name): [number, string[]] => [0, ['metrics', name, '--all']],
    ),
    [0, ['tables']],
    [0, ['tables', 'curated.dim_listings']],
    ...['raw_data.stg_bookings', 'curated.dim_listings', 'curated.fact_bookings', 'curated.fact_user_views'].map(
      (name): [number, string[]] => [0, ['query', `select * from ${name}`, '--limit', '50']],
    ),
    [0, ['query', "select 1 as n, 2.50 as d, true as b, date '2026-01-02' as t, null as e, 'é\n' as s where false"]],
    [0, ['schedule']],
    [0, ['doctor']],
    [0, ['config', 'explain', 'home']],
    [0, ['config', 'explain', 'guards.max_deleted']],
    [0, ['completion', 'zsh']],
    [0, ['ci', 'smoke']],
  ]
  for (const [code, words] of reading) test(words.join(' '), async () => void (await json(code, words)))

  test('completion --words', async () => {
    const { result } = await json(0, ['completion', '--words', '--', 'metrics', 'occ'])
    expect(result).toEqual({ words: ['occupancy'] })
  })

  test('export', async () => {
    const file = join(folder, 'listings.jsonl')
    const { result } = await json(0, ['export', 'dim_listings', '--to', file])
    expect({ ...result, rows: 0 }).toEqual({ relation: 'curated.dim_listings', file, format: 'jsonl', rows: 0 })
  })

  test('sample, alone and with days', async () => {
    await json(0, ['sample', join(folder, 'sample'), '--scale', '0.01'])
    await json(0, ['sample', join(folder, 'history'), '--scale', '0.01', '--days', '1'])
  })

  test('init', async () => {
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
    try {
      expect((await json(0, ['init'])).result).toEqual({ path: join(folder, 'rental-etl.yml') })
    } finally {
      cwd.mockRestore()
    }
  })

  test('rerun, changes of bookmarks, runs prune', async () => {
    expect((await json(0, ['rerun', 'curated', 'first'])).result.parent).toBe('first')
    const reset = await json(0, ['bookmarks', 'reset', 'bookings', '--yes'])
    expect(reset.result).toMatchObject({ seq: 1, tables: [{ table: 'bookings' }] })
    const rewind = await json(0, ['bookmarks', 'rewind', 'bookings', '--to-run', 'first', '--yes'])
    expect(rewind.result).toMatchObject({ seq: 2, tables: [{ from_state: 'reset', to_state: 'none' }] })
    expect((await json(0, ['bookmarks', 'restore', '--yes'])).result).toMatchObject({ seq: 3, of_seq: 2 })
    const { rows } = (await json(0, ['bookmarks', 'history'])).result as { rows: { state: string }[] }
    expect(rows.map(({ state }) => state)).toEqual(['done', 'restored', 'pending'])
    expect((await json(0, ['runs', 'prune', '--keep', '1', '--dry-run'])).result.kept).toBe(1)
    expect((await json(0, ['runs', 'prune', '--keep', '1', '--yes'])).result.remove).toEqual([
      { run_id: 'first', keep_manifest: true },
    ])
  })
})

test('run --detach, cancel, watch, resume', async () => {
  const where = { home: join(folder, 'detached'), source: 'sample:2' }
  const flags = ['--home', where.home, '--source', where.source, '--json']
  const { stdout, stderr, code } = await cli(['run', '--detach', '--name', 'long', ...flags])
  const detached = checked({ stdout, stderr, code: code ?? -1 }, 69)
  expect([detached.run_id, detached.result.status]).toEqual(['long', 'running'])
  expect((await json(75, ['run'], where)).error?.message).toContain('long')
  expect((await json(69, ['watch', '--wait', '0s'], where)).run_id).toBe('long')
  expect((await json(0, ['cancel', 'long', '--reason', 'a test', '--yes'], where)).result).toEqual({
    run_id: 'long',
    status: 'canceled',
    reason: 'a test',
  })
  expect((await json(1, ['watch'], where)).result.status).toBe('canceled')
  expect((await json(0, ['resume', 'long', '--explain'], where)).result.entry).toBe('extract')
  const resumed = await json(0, ['resume', 'long'], { ...where, source: SOURCE })
  expect([resumed.result.parent, resumed.result.status]).toEqual(['long', 'succeeded'])
})

describe('errors are JSON, and exit as in text', () => {
  const cases: [why: string, code: number, error: string, words: string[]][] = [
    ['unknown flag', 64, 'USAGE', ['run', '--wach']],
    ['unknown flag of a table', 64, 'USAGE', ['metrics', 'occupancy', '--mont']],
    ['flag without its value', 64, 'USAGE', ['run', '--as-of']],
    ['missing argument', 64, 'USAGE', ['export', '--to', 'x.csv']],
    ['missing flag', 64, 'USAGE', ['cancel']],
    ['argument too many', 64, 'USAGE', ['schedule', 'now']],
    ['a value that is no option', 64, 'USAGE', ['run', '--from', 'row']],
    ['no number', 64, 'USAGE', ['runs', '--limit', 'many']],
    ['flags that exclude each other', 64, 'USAGE', ['run', '--detach', '--watch']],
    ['no date', 64, 'USAGE', ['run', '--as-of', '2026-02-30']],
    ['unknown layer', 64, 'USAGE', ['rerun', 'row']],
    ['unknown metric', 66, 'NOT_FOUND', ['metrics', 'ocupancy']],
    ['bad period', 64, 'USAGE', ['metrics', 'occupancy', '2026-13']],
    ['a grain that the metric lacks', 64, 'USAGE', ['metrics', 'occupancy', '--week']],
    ['unknown run', 66, 'NO_RUN', ['runs', 'show', 'nope']],
    ['unknown run to watch', 66, 'NO_RUN', ['watch', 'nope']],
    ['unknown table', 66, 'NOT_FOUND', ['bookmarks', 'booking']],
    ['unknown relation', 66, 'NOT_FOUND', ['tables', 'dim_listing']],
    ['unknown setting', 64, 'USAGE', ['config', 'explain', 'hom']],
    ['unknown scope', 64, 'USAGE', ['verify', '--scope', 'rule']],
    ['unknown shell', 64, 'USAGE', ['completion', 'csh']],
    ['unknown target', 64, 'USAGE', ['runs', '--target', 'prod']],
    ['a stack for a target on this machine', 64, 'USAGE', ['bootstrap', '--yes']],
    ['the state of one', 64, 'USAGE', ['status']],
    ['SQL that writes', 64, 'READ_ONLY_SQL', ['query', 'delete from curated.dim_listings']],
    ['SQL that is wrong', 64, 'SQL_ERROR', ['query', 'selec 1']],
    ['two columns of one name', 64, 'USAGE', ['query', 'select 1 as a, 2 as a']],
    ['no --yes off a terminal', 64, 'DECLINED', ['bookmarks', 'reset']],
    ['a run that the load log has not', 66, 'NOT_FOUND', ['bookmarks', 'rewind', '--to-run', 'nope']],
    ['neither a date nor a run', 64, 'USAGE', ['bookmarks', 'rewind']],
    ['no such change', 66, 'NOT_FOUND', ['bookmarks', 'restore', '99', '--yes']],
    ['nothing to resume', 66, 'NO_RUN', ['resume']],
  ]
  for (const [why, code, error, words] of cases) {
    test(why, async () => {
      const envelope = await json(code, words)
      expect(envelope.error?.code).toBe(error)
      const text = await run(words, { json: false })
      expect([text.code, text.stdout]).toEqual([code, ''])
      expect(text.stderr).toContain(`error: ${envelope.error?.message}\n`)
      expect(text.stderr).not.toMatch(/\n\s+at |(?<![._])secret/)
    })
  }

  test('a missing source, a source that is none, and one with a password', async () => {
    const sources: [string, number, string][] = [
      ['csv:nowhere', 66, 'SOURCE_MISSING'],
      ['nowhere', 64, 'USAGE'],
      ['mysql://someone:secret@host/rental_db', 64, 'USAGE'],
    ]
    for (const [source, code, error] of sources) {
      const where = { home: join(folder, 'none'), source }
      const envelope = await json(code, ['run'], where)
      expect([envelope.error?.code, JSON.stringify(envelope).includes('secret')]).toEqual([error, false])
      const text = await run(['run'], { ...where, json: false })
      expect([text.code, text.stderr.includes('secret')]).toEqual([code, false])
    }
  })

  test('no warehouse yet', async () => {
    const where = { home: join(folder, 'none') }
    for (const words of [
      ['verify'],
      ['query', 'select 1'],
      ['metrics', 'price'],
      ['bookmarks'],
      ['quarantine'],
      ['tables'],
    ]) {
      expect((await json(66, words, where)).error?.code).toBe('NO_WAREHOUSE')
      expect((await run(words, { ...where, json: false })).code).toBe(66)
    }
  })

  test('unknown command', async () => {
    const [asJson, asText] = await Promise.all([cli(['veryfy', '--json']), cli(['veryfy'])])
    const envelope = checked({ ...asJson, code: asJson.code ?? -1 }, 64)
    expect(envelope.error).toEqual({
      code: 'UNKNOWN_COMMAND',
      message: 'there is no command veryfy; the nearest is verify',
      suggestions: ['rental-etl verify --help', 'rental-etl --help'],
    })
    expect(asText).toEqual({
      stdout: '',
      stderr: [
        'error: there is no command veryfy; the nearest is verify',
        '  try: rental-etl verify --help',
        '  try: rental-etl --help',
        '',
      ].join('\n'),
      code: 64,
      signal: null,
    })
  })

  test('a topic without a command, and flags without one', async () => {
    const [topic, flag] = await Promise.all([cli(['runs', 'shwo', '--json']), cli(['--nope', '--json'])])
    expect(checked({ ...topic, code: topic.code ?? -1 }, 64).error?.message).toBe(
      'there is no command runs shwo; the nearest is runs show',
    )
    expect(checked({ ...flag, code: flag.code ?? -1 }, 64).error?.code).toBe('UNKNOWN_COMMAND')
  })
})

/** Of a target on AWS: their output is held against its schema in the box, by test/aws. */
const ELSEWHERE = ['bootstrap', 'status']

test('every schema was held against real output', () => {
  const here = schemas.names.filter((name) => name !== 'envelope' && !ELSEWHERE.includes(name))
  expect(here.filter((name) => !seen.has(name))).toEqual([])
})
