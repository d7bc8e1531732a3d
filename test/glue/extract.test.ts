import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../../src/lib/adapters/local/home/paths.js'
import { SOURCE_TABLES, type SourceTable } from '../../src/lib/core/model.js'
import type { DirtySource } from '../support/dirty-source.js'
import { mutationHistory } from '../support/mutation-history.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'
import { expected, told } from './compare-extract.js'
import { type Day, localDay, type TextTables } from './local-day.js'
import { python } from './python.js'
import { writeRelease } from './release-file.js'

const HISTORIES = Number(process.env.GLUE_HISTORIES ?? 2)
const SEED = Number(process.env.GLUE_SEED ?? 11)

/** What comes before a day, and how it is run. */
const KINDS = [
  'always',
  'always',
  'always',
  'never',
  'never',
  'full',
  'reset',
  'rewind',
  'rewind to the beginning',
] as const
const histories = fc.sample(
  fc.tuple(mutationHistory, fc.array(fc.constantFrom(...KINDS), { minLength: 6, maxLength: 6 })),
  {
    numRuns: HISTORIES,
    seed: SEED,
  },
)

const days: Day[] = []
let scratch: Scratch

beforeAll(async () => {
  scratch = await scratchFolder()
  for (const [at, [history, kinds]] of histories.entries()) {
    const home = join(scratch.path, `home-${at}`)
    for (const [day, source] of history.entries()) {
      const kind = day === 0 ? 'always' : (kinds[day % kinds.length] as (typeof KINDS)[number])
      await prepare(home, kind, day)
      const options = {
        runId: `r-${at}-${day}`,
        reconcile: !(kind === 'never' || kind.startsWith('rewind')),
        fullRefresh: kind === 'full',
      }
      days.push(await localDay(home, join(scratch.path, `case-${at}-${day}`), asTexts(source), options))
    }
  }
  await writeRelease(join(scratch.path, 'release.json'))
  const cases = days.map(({ folder, request }) => ({ folder, request }))
  await writeFile(join(scratch.path, 'cases.json'), JSON.stringify(cases))
  const said = await python('extract_cases.py', [join(scratch.path, 'release.json'), join(scratch.path, 'cases.json')])
  if (process.env.GLUE_TIMES) process.stderr.write(said)
}, 300_000)
afterAll(() => (process.env.GLUE_TIMES ? undefined : scratch[Symbol.asyncDispose]()))

describe('the extract of Spark writes what the local one writes', () => {
  test('of every day of some histories', async () => {
    expect(days.length).toBeGreaterThanOrEqual(HISTORIES * 3)
    const moved = { full: 0, copies: 0, tombstones: 0, cleared: 0, never: 0 }
    for (const day of days) {
      const found = await told(day)
      expect({ run: day.request, ...found }).toEqual({ run: day.request, ...(await expected(day)) })
      for (const table of day.manifest.tables) {
        moved.full += table.full ? 1 : 0
        moved.copies += table.copies ? 1 : 0
        moved.tombstones += table.tombstones
        moved.cleared += table.cleared
      }
      moved.never += day.manifest.reconciled ? 0 : 1
    }
    // What there is to be equal in.
    for (const [name, n] of Object.entries(moved)) expect({ name, n }).not.toEqual({ name, n: 0 })
  })
})

async function prepare(home: string, kind: string, day: number): Promise<void> {
  if (kind !== 'reset' && !kind.startsWith('rewind')) return
  const db = await Database.open(homePaths(home).warehouse, {})
  const table = SOURCE_TABLES[day % 4] as SourceTable
  const position = kind === 'rewind' ? (table.name === 'user_viewing' ? `'2024-03-01 00:00:00'` : `'5'`) : 'null'
  await db.run(
    `insert into raw_data.bookmark_${kind === 'reset' ? 'resets' : 'rewinds'} values ('${table.name}'${kind === 'reset' ? '' : `, ${position}`})`,
  )
  await db.run(`insert into raw_data.bookmark_changes (seq, table_name) values (${day}, '${table.name}')`)
  db.close()
}

/** As MySQL would give them: every row has all columns, and each of them a name. */
function asTexts(source: DirtySource): TextTables {
  return Object.fromEntries(
    Object.entries(source).map(([name, { header, records }]) => [
      name,
      {
        header: header.map((column) => column || 'nameless'),
        rows: records.map((record) => header.map((_, at) => record[at] ?? '')),
      },
    ]),
  )
}
