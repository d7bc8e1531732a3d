import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Row, Warehouse } from '../../src/lib/ports/warehouse.js'
import { readAll } from '../support/read-all.js'
import { temporaryFolder } from '../support/temporary.js'

export interface WarehouseHarness {
  open(signal?: AbortSignal): Promise<Warehouse>
  /** Publishes another state, in which curated.build names another run. */
  publish(runId: string): Promise<void>
  /** A statement that takes longer than to publish, where the one of the contract takes minutes. */
  slow?: string
}

const RUN = 'select run_id from curated.build'
/** The calendar has 449 days: 90 million rows, and more than anybody waits for. */
const DAYS = 'curated.dim_dates a cross join curated.dim_dates b cross join curated.dim_dates c'
const SLOW = `select count(*) as n from ${DAYS} where extract(day from a.day) + extract(day from b.day) > extract(day from c.day)`
const ENDLESS = `${SLOW.replace(DAYS, `${DAYS} cross join curated.dim_dates d cross join curated.dim_dates e`)}`
const MANY = 'select a.day from curated.dim_dates a cross join curated.dim_dates b'
const CELLS = `select cast(9007199254740993 as bigint) as big, cast(1.5 as decimal(12,2)) as exact, cast(7 as integer) as small,
  cast(0.25 as double precision) as near, date '2024-05-01' as day, timestamp '2024-05-01 10:00:00.5' as moment,
  cast('x' as varchar) as name, 1 = 1 as yes, cast(null as date) as none`

/** What every warehouse must do; `make` gives one of its own with the rows of the small warehouse, as run `r2` left it. */
export function warehouseContract(name: string, make: () => Promise<WarehouseHarness>): void {
  const opened = async (): Promise<Warehouse> => (await make()).open()

  describe(name, () => {
    test('read gives the rows of each statement by its name', async () => {
      await using warehouse = await opened()
      const answers = await warehouse.read<{ run: { run_id: string }; none: Row; days: { n: string } }>({
        run: RUN,
        none: `${RUN} where 1 = 0`,
        days: 'select count(*) as n from curated.dim_dates -- and a comment',
      })
      expect(answers).toEqual({ run: [{ run_id: 'r2' }], none: [], days: [{ n: '449' }] })
      expect(await warehouse.read({})).toEqual({})
    })

    test('the statements of one read see one snapshot', async () => {
      const { open, publish, slow = SLOW } = await make()
      await using warehouse = await open()
      let over = false
      const reading = warehouse.read({ before: RUN, between: slow, after: RUN }).finally(() => {
        over = true
      })
      await publish('r3')
      // Otherwise nothing was seen.
      expect(over).toBe(false)
      const { before, after } = await reading
      expect(after).toEqual(before)
      await using later = await open()
      expect(await later.read({ run: RUN })).toEqual({ run: [{ run_id: 'r3' }] })
    })

    test('cells are what JSON shows, and columns have their types', async () => {
      await using warehouse = await opened()
      const cells = ['9007199254740993', '1.50', 7, 0.25, '2024-05-01', '2024-05-01T10:00:00.5Z', 'x', true, null]
      const names = ['big', 'exact', 'small', 'near', 'day', 'moment', 'name', 'yes', 'none']
      const types = ['BIGINT', 'DECIMAL(12,2)', 'INTEGER', 'DOUBLE', 'DATE', 'TIMESTAMP', 'VARCHAR', 'BOOLEAN', 'DATE']
      const { row } = await warehouse.read<{ row: Row }>({ row: CELLS })
      expect(row).toEqual([Object.fromEntries(names.map((name, at) => [name, cells[at]]))])
      for (const asked of ['stream', 'query'] as const) {
        const result = await warehouse[asked](CELLS)
        expect(result.columns).toEqual(names.map((name, at) => ({ name, type: types[at] })))
        expect((await readAll(result)).rows).toEqual([cells])
      }
    })

    test.each(['stream', 'query'] as const)(
      '%s gives rows as they come, and what follows it is not cut',
      async (asked) => {
        await using warehouse = await opened()
        let chunks = 0
        let rows = 0
        for await (const chunk of (await warehouse[asked](MANY)).chunks) {
          chunks++
          rows += chunk.length
        }
        expect([rows, chunks > 1]).toEqual([449 * 449, true])
        // One that was left half-way, and one that was never read.
        for await (const _ of (await warehouse[asked](MANY)).chunks) break
        await warehouse[asked](MANY)
        expect(await warehouse.read({ run: RUN })).toEqual({ run: [{ run_id: 'r2' }] })
        expect((await readAll(await warehouse[asked](MANY))).rows.length).toBe(449 * 449)
      },
    )

    test.each([
      "insert into curated.build values ('x', null, 1)",
      'update curated.build set raw_seq = 0',
      'delete from curated.build',
      'drop table curated.build',
      'create table raw_data.t as select 1 as n',
      'create view presentation.v as select 1 as n',
      `${RUN}; ${RUN}`,
    ])('query refuses what writes: %s', async (sql) => {
      await using warehouse = await opened()
      await expect(warehouse.query(sql)).rejects.toMatchObject({ code: 'READ_ONLY_SQL', exit: 'usage' })
      expect(await warehouse.read({ run: RUN })).toEqual({ run: [{ run_id: 'r2' }] })
    })

    test('SQL that does not bind is the mistake of a user, or of who changed the tables', async () => {
      await using warehouse = await opened()
      const wrong = 'select no_such from curated.build'
      await expect(warehouse.query(wrong)).rejects.toMatchObject({ code: 'SQL_ERROR', exit: 'usage' })
      const changed = { code: 'WAREHOUSE_STRUCTURE', exit: 'io' }
      await expect(warehouse.read({ run: RUN, wrong })).rejects.toMatchObject(changed)
      await expect(warehouse.stream(wrong)).rejects.toMatchObject(changed)
      expect(await warehouse.read({ run: RUN })).toEqual({ run: [{ run_id: 'r2' }] })
    })

    test('relations are those of our schemas, with their columns, and rows of tables', async () => {
      await using warehouse = await opened()
      const relations = await warehouse.relations()
      const names = relations.map(({ schema, name }) => `${schema}.${name}`)
      const order = ['raw_data', 'curated', 'presentation']
      const at = (name: string): number => order.indexOf(name.split('.')[0] as string)
      expect(names).toEqual(names.toSorted((a, b) => at(a) - at(b) || (a < b ? -1 : 1)))
      expect(new Set(relations.map(({ schema }) => schema))).toEqual(new Set(order))
      expect(relations.find(({ name }) => name === 'build')).toEqual({
        ...{ schema: 'curated', name: 'build', kind: 'table', rows: '1' },
        columns: [
          { name: 'run_id', type: 'VARCHAR' },
          { name: 'as_of', type: 'DATE' },
          { name: 'raw_seq', type: 'BIGINT' },
        ],
      })
      const view = relations.find(({ name }) => name === 'vw_bookings_per_user_weekly')
      expect(view).toMatchObject({ schema: 'presentation', kind: 'view' })
      expect([view?.rows, view?.columns[0]]).toEqual([undefined, { name: 'week_start', type: 'DATE' }])
    })

    test('a file is written before and after anything else', async () => {
      await using warehouse = await opened()
      const folder = await temporaryFolder()
      const days = 'select day from curated.dim_dates order by day'
      const write = async (file: string, format: 'csv' | 'jsonl' | 'parquet' = 'csv'): Promise<string> => {
        expect(await warehouse.exportTo(days, join(folder, file), format)).toBe(449)
        return readFile(join(folder, file), 'utf8')
      }
      const first = await write('first.csv')
      expect(first.split('\n').slice(0, 2)).toEqual(['day', '2024-01-01'])
      await readAll(await warehouse.query(RUN))
      expect(await write('second.csv')).toBe(first)
      await warehouse.keep(['vw_bookings_per_user_weekly'])
      await warehouse.relations()
      await readAll(await warehouse.stream(RUN))
      // Over one that is there.
      expect(await write('first.csv')).toBe(first)
      expect((await write('third.jsonl', 'jsonl')).split('\n')[0]).toBe('{"day":"2024-01-01"}')
      expect((await write('fourth.parquet', 'parquet')).slice(0, 4)).toBe('PAR1')
      expect((await readAll(await warehouse.query(RUN))).rows).toEqual([['r2']])
      expect((await readdir(folder)).toSorted()).toEqual(['first.csv', 'fourth.parquet', 'second.csv', 'third.jsonl'])
    })

    test('a file that cannot be written is named, and is not there', async () => {
      await using warehouse = await opened()
      const folder = await temporaryFolder()
      const file = join(folder, 'none', 'x.csv')
      const said = await warehouse.exportTo(RUN, file, 'csv').catch((error: Error) => error)
      expect(said).toMatchObject({ code: 'IO', message: expect.stringContaining(file) })
      await expect(
        warehouse.exportTo('select no_such from curated.build', join(folder, 'x.csv'), 'csv'),
      ).rejects.toThrow(/no_such/)
      expect(await readdir(folder)).toEqual([])
      expect(await warehouse.exportTo(RUN, join(folder, 'x.csv'), 'csv')).toBe(1)
    })

    test('views that are kept give the same answers', async () => {
      await using warehouse = await opened()
      const views = ['vw_bookings_per_user_weekly', 'vw_top_listings_weekly']
      const answers = async (): Promise<unknown> => {
        const sql = views.map((view) => `select * from presentation.${view} order by 1, 2, 3`)
        const { first, second } = await warehouse.read({ first: sql[0] as string, second: sql[1] as string })
        const streamed = await readAll(await warehouse.stream(sql[1] as string))
        return [
          first,
          second,
          streamed,
          await readAll(await warehouse.query(sql[1] as string)),
          await warehouse.relations(),
        ]
      }
      const before = await answers()
      await warehouse.keep(views)
      expect(await answers()).toEqual(before)
    })

    test('it is closed behind the block that has it', async () => {
      const left = await opened()
      {
        await using warehouse = left
        await warehouse.read({ run: RUN })
      }
      await expect(left.read({ run: RUN })).rejects.toThrow()
      await expect(left.stream(RUN)).rejects.toThrow()
      await expect(left.query(RUN)).rejects.toThrow()
      await expect(left.relations()).rejects.toThrow()
      await left[Symbol.asyncDispose]()
    })

    describe('an abort of the signal that it was opened with', () => {
      test.each<[string, (warehouse: Warehouse) => Promise<unknown>]>([
        ['read', (warehouse) => warehouse.read({ run: RUN, endless: ENDLESS, never: RUN })],
        ['stream', async (warehouse) => readAll(await warehouse.stream(ENDLESS))],
        ['query', async (warehouse) => readAll(await warehouse.query(ENDLESS))],
        ['exportTo', async (warehouse) => warehouse.exportTo(ENDLESS, join(await temporaryFolder(), 'x.csv'), 'csv')],
      ])('ends %s with its reason, at once', async (_, work) => {
        const abort = new AbortController()
        await using warehouse = await (await make()).open(abort.signal)
        const reason = new Error('stopped')
        let at = 0
        setTimeout(() => {
          at = performance.now()
          abort.abort(reason)
        }, 300)
        expect(await work(warehouse).catch((error) => error)).toBe(reason)
        expect(performance.now() - at).toBeLessThan(1000)
        // Nothing more is begun.
        expect(await warehouse.read({ run: RUN }).catch((error) => error)).toBe(reason)
      })
    })
  })
}
