import { expect, test } from 'vitest'
import { AwsBookmarkChanges } from '../../../../../src/lib/adapters/aws/bookmarks/changes.js'
import type { NewChange } from '../../../../../src/lib/ports/bookmarks.js'

const PLACE = { workgroup: 'rental', database: 'dev' }
const CHANGE: NewChange = {
  ...{ seq: 3, kind: 'reset', of_seq: null, load_seq: 7, reason: "C:\\temp isn't {{it}}" },
  tables: [
    {
      table: 'bookings',
      from: { state: 'none', position: '9' },
      to: { state: 'reset', position: null },
    },
  ],
}

interface Said {
  sqls: string[][]
  warnings: string[]
  glue: number
  changes: AwsBookmarkChanges
}

/** @param failed of the first submit: which statement, and what Redshift says */
function open(failed?: { at: number; said: string }, running?: string): Said {
  const said: Said = { sqls: [], warnings: [], glue: 0 } as unknown as Said
  const send = async (command: { input: { Sql?: string; Sqls?: string[] } }): Promise<unknown> => {
    switch (command.constructor.name) {
      case 'ExecuteStatementCommand':
      case 'BatchExecuteStatementCommand':
        said.sqls.push(command.input.Sqls ?? [command.input.Sql ?? ''])
        return { Id: `s-${said.sqls.length}` }
      case 'DescribeStatementCommand':
        if (said.sqls.length > 1 || !failed) return { Status: 'FINISHED' }
        return {
          Status: 'FAILED',
          SubStatements: (said.sqls[0] ?? []).map((_, at) =>
            at === failed.at ? { Status: 'FAILED', Error: failed.said } : {},
          ),
        }
      default:
        return { ColumnMetadata: [{ name: 'name', typeName: 'varchar' }], Records: [[{ stringValue: 'IAM:ann' }]] }
    }
  }
  said.changes = new AwsBookmarkChanges({
    clients: { redshift: async () => ({ send }) as never },
    place: PLACE,
    clock: { now: () => new Date('2026-05-04T05:06:07.089Z') },
    executions: { running: async () => running },
    glue: {
      reset: async () => {
        said.glue++
        return ['not there']
      },
    },
    warn: (text) => said.warnings.push(text),
  })
  return said
}

test('a reset is one transaction behind its guards, as Redshift reads it; then Glue is reset, and what hindered that is told', async () => {
  const said = open()
  await said.changes.change(CHANGE)
  expect(said.sqls).toHaveLength(1)
  const [sqls = []] = said.sqls
  expect(sqls).toHaveLength(6)
  expect(sqls[0]).toContain('raw_data.load_log) = 7')
  expect(sqls[1]).toContain('raw_data.bookmark_changes) = 2')
  expect(sqls.slice(2, 5)).toEqual([
    "delete from raw_data.bookmark_resets where table_name in ('bookings')",
    "delete from raw_data.bookmark_rewinds where table_name in ('bookings')",
    "insert into raw_data.bookmark_resets values ('bookings')",
  ])
  expect(sqls[5]).toContain(`'C:\\\\temp isn''t {{it}}'`)
  expect(sqls[5]).toContain(`timestamp '2026-05-04 05:06:07.089'`)
  expect([said.glue, said.warnings]).toEqual([1, ['not there']])
})

test('a rewind leaves Glue as it is', async () => {
  const said = open()
  const to = { state: 'rewind', position: '5' } as const
  await said.changes.change({ ...CHANGE, kind: 'rewind', tables: CHANGE.tables.map((one) => ({ ...one, to })) })
  expect(said.sqls[0]?.[4]).toBe("insert into raw_data.bookmark_rewinds values ('bookings', '5')")
  expect(said.glue).toBe(0)
})

test('while a run is going on nothing is changed', async () => {
  const said = open(undefined, 'r-1')
  await expect(said.changes.change(CHANGE)).rejects.toMatchObject({
    code: 'LOCKED',
    suggestions: ['rental-etl watch r-1', 'rental-etl bookmarks reset   # once it has ended'],
  })
  expect([said.sqls, said.glue]).toEqual([[], 0])
})

test.each([
  [0, "invalid digit, Value 'a', Pos 0, Type: Integer", 'a run has loaded since they were looked at; nothing was done'],
  [
    1,
    'invalid input syntax for type integer',
    'the bookmarks were changed since they were looked at; nothing was done',
  ],
])('what came between is told: the guard of statement %i', async (at, words, message) => {
  const said = open({ at, said: words })
  await expect(said.changes.change(CHANGE)).rejects.toMatchObject({ code: 'LOCKED', exit: 'locked', message })
  expect(said.glue).toBe(0)
})

test('one that lost against another transaction is done again', async () => {
  const said = open({ at: 2, said: '1023: Serializable isolation violation on table' })
  await said.changes.change(CHANGE)
  expect(said.sqls).toHaveLength(2)
  expect(said.sqls[1]).toEqual(said.sqls[0])
})

test('who may not is told what to grant', async () => {
  const said = open({ at: 2, said: 'permission denied for relation bookmark_resets' })
  await expect(said.changes.change(CHANGE)).rejects.toMatchObject({
    code: 'ACCESS',
    message:
      'the user IAM:ann of the database may not change the bookmarks: permission denied for relation bookmark_resets',
    suggestions: [
      'grant usage on schema raw_data to "IAM:ann"; grant select, insert, delete on raw_data.bookmark_resets, raw_data.bookmark_rewinds, raw_data.bookmark_changes to "IAM:ann";   -- in the database, as who owns it',
    ],
  })
})

test('any other fault of a statement is what it is for all of ours', async () => {
  const said = open({ at: 5, said: 'relation "raw_data.bookmark_changes" does not exist' })
  await expect(said.changes.change(CHANGE)).rejects.toMatchObject({ code: 'WAREHOUSE_STRUCTURE' })
})
