import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import type { OpenSource, OpenTable, Source } from '../../src/lib/adapters/source/source.js'
import { LOOKED_AT_ROWS } from '../../src/lib/core/config/found-table.js'
import { EtlError } from '../../src/lib/core/errors.js'
import { SOURCE_TABLES, type SourceTableName } from '../../src/lib/core/model.js'
import { temporaryFolder } from '../support/temporary.js'

export interface SourceHarness {
  source: Source
  /** What the source holds: the texts of each table's records, and its header; some may not fit it. */
  rows: Record<SourceTableName, { header: string[]; rows: string[][] }>
  /** Writes to a table, while a reading may be going on. */
  change(table: SourceTableName): Promise<void>
  /** A reading sees the source as it was when it was opened. */
  snapshot?: true
  /** Adds a record of two fields; undefined where the source cannot hold one. @returns the line where it begins */
  addMisfit?(table: SourceTableName): Promise<number>
}

const signal = new AbortController().signal

/** What every source must do; `make` gives a fresh one for each test. */
export function sourceContract(name: string, make: () => Promise<SourceHarness>): void {
  describe(name, () => {
    test('gives each table once, as a relation of texts', async () => {
      const { source, rows } = await make()
      await reading(source, async (open) => {
        expect(open.bytes).toBeGreaterThan(0)
        const seen: string[] = []
        for await (const table of open.tables()) {
          const expected = rows[table.table.name]
          seen.push(table.table.name)
          expect(table.name).toContain(table.table.name)
          expect(['csv', 'mysql']).toContain(table.words)
          expect(table.header).toEqual(expected.header)
          expect(table.records).toBe(expected.rows.length)
          expect(await read(table)).toEqual(parted(expected))
          if (table.trimmed) expect(expected.rows.flat().filter((text) => text !== text.trim())).toEqual([])
        }
        expect(seen.toSorted()).toEqual(SOURCE_TABLES.map((table) => table.name).toSorted())
      })
    })

    test('the smallest table comes first', async () => {
      const { source } = await make()
      await reading(source, async (open) => {
        const records: number[] = []
        for await (const table of open.tables()) records.push(table.records)
        expect(records[0]).toBe(Math.min(...records))
        expect(records.at(-1)).toBe(Math.max(...records))
      })
    })

    test('gives the same to each reading', async () => {
      const { source, rows } = await make()
      for (let time = 0; time < 2; time++) {
        await reading(source, async (open) => {
          for await (const table of open.tables()) expect(await read(table)).toEqual(parted(rows[table.table.name]))
        })
      }
    })

    test('may be closed before it is read, and between two tables', async () => {
      const { source } = await make()
      await reading(source, async () => undefined)
      await reading(source, async (open) => {
        for await (const _ of open.tables()) break
      })
    })

    test('tells at its end that it was written to meanwhile, unless it does not see it', async () => {
      const { source, change, rows, snapshot } = await make()
      if (snapshot)
        return reading(source, async (open) => {
          for (const table of SOURCE_TABLES) await change(table.name)
          for await (const table of open.tables()) expect(table.records).toBe(rows[table.table.name].rows.length)
        })
      for (const table of SOURCE_TABLES) {
        const changed = reading(source, async (open) => {
          for await (const _ of open.tables()) break
          await change(table.name)
        })
        await expect(changed).rejects.toMatchObject({ code: 'SOURCE_CHANGED', exit: 'invalid' })
      }
    })

    test('an abort ends the reading', async () => {
      const { source } = await make()
      const abort = new AbortController()
      const stopped = reading(
        source,
        async (open) => {
          for await (const _ of open.tables()) abort.abort(new Error('stopped'))
        },
        abort.signal,
      )
      await expect(stopped).rejects.toThrow('stopped')
    })

    test('what the engine says of other things is no matter of how a table is read', async () => {
      const { source } = await make()
      await reading(source, async (open) => {
        for await (const table of open.tables())
          expect(await table.strict?.(new Error('Out of Memory Error: no more'))).toBeUndefined()
      })
    })

    test('shows its tables and columns with their first rows, without being read', async () => {
      const { source, rows } = await make()
      if (!source.survey) return expect(source).toBeDefined()
      const { tables } = await source.survey(signal)
      expect(tables.map(({ name }) => name).toSorted()).toEqual(Object.keys(rows).toSorted())
      for (const { name, columns, fault } of tables) {
        const { header, rows: all } = rows[name as SourceTableName]
        expect([fault, columns.map((column) => column.name)]).toEqual([undefined, header])
        const first = parted({ header, rows: all }).fitting
        const counts = new Set(columns.map(({ values }) => values.length))
        expect([...counts]).toEqual([Math.min(first.length, LOOKED_AT_ROWS)])
        for (const [at, { values }] of columns.entries()) {
          const known = new Set(first.map((row) => (row[at] ?? '').trim()))
          // Long texts may be cut.
          expect(values.filter((text) => text.length < 100 && !known.has(text.trim()))).toEqual([])
        }
      }
      const stopped = AbortSignal.abort(new EtlError('stopped', { code: 'INTERRUPTED' }))
      await expect(source.survey(stopped)).rejects.toThrow('stopped')
    })

    test('tells the line of a record while it is there', async () => {
      const { source, addMisfit } = await make()
      if (!source.lineOf || !addMisfit) return expect(source).toBeDefined()
      const wanted = { table: 'bookings', fields: ['x', 'y'], occurrence: 2 }
      const file = expect.stringContaining('bookings')
      await addMisfit('bookings')
      expect(await source.lineOf(wanted, signal)).toEqual({ file, line: undefined })
      const line = await addMisfit('bookings')
      expect(await source.lineOf(wanted, signal)).toEqual({ file, line })
      expect(await source.lineOf({ ...wanted, occurrence: 1 }, signal)).toEqual({ file, line: line - 1 })
      const stopped = AbortSignal.abort(new EtlError('stopped', { code: 'INTERRUPTED' }))
      await expect(source.lineOf(wanted, stopped)).rejects.toThrow('stopped')
    })

    test('records that do not fit the header are counted, and listed with their line by the strict reader', async () => {
      const { source, rows, addMisfit } = await make()
      if (!addMisfit) return expect(rows).toBeDefined()
      const line = await addMisfit('bookings')
      await reading(source, async (open) => {
        for await (const plain of open.tables()) {
          if (plain.table.name !== 'bookings') continue
          const { fitting, others } = parted(rows.bookings)
          expect(plain.records).toBe(rows.bookings.rows.length + 1)
          const said = await textsOf(plain).catch((error: Error) => error)
          const strict = await plain.strict?.(said)
          expect(await textsOf(strict as OpenTable)).toEqual(fitting)
          const { misfits } = strict as OpenTable
          expect(misfits?.count).toBe(others.length + 1)
          const listed = (await readFile(misfits?.path ?? '', 'utf8')).trimEnd().split('\n')
          expect(JSON.parse(listed.at(-1) as string)).toEqual({ fields: ['x', 'y'], line })
          expect(misfits?.longest).toBe(Math.max(...listed.map((text) => Buffer.byteLength(text) + 1)))
          // There is no third way.
          expect(await strict?.strict?.(said)).toBeUndefined()
        }
      })
    })
  })
}

async function reading(
  source: Source,
  work: (open: OpenSource) => Promise<unknown>,
  until: AbortSignal = signal,
): Promise<void> {
  const open = await source.open(await temporaryFolder(), until)
  try {
    await work(open)
  } finally {
    await open.close()
  }
}

interface Parted {
  fitting: string[][]
  others: string[][]
}

function parted({ header, rows }: { header: string[]; rows: string[][] }): Parted {
  const fits = (fields: string[]): boolean => fields.length === header.length
  return { fitting: rows.filter(fits), others: rows.filter((fields) => !fits(fields)) }
}

/** As an extract reads a table: by the strict reader where the engine does not take it. */
async function read(table: OpenTable): Promise<Parted> {
  try {
    const { misfits } = table
    const listed = misfits ? (await readFile(misfits.path, 'utf8')).split('\n').slice(0, -1) : []
    return { fitting: await textsOf(table), others: listed.map((line) => JSON.parse(line).fields) }
  } catch (error) {
    const strict = await table.strict?.(error)
    if (!strict) throw error
    return read(strict)
  }
}

/** All texts of a relation, in its order. */
async function textsOf({ relation, header }: OpenTable): Promise<string[][]> {
  const db = await Database.open(':memory:')
  try {
    const rows = await db.all<Record<string, string>>(`select * from ${relation}`)
    return rows.map((row) => header.map((_, at) => row[`x_${at}`] as string))
  } finally {
    db.close()
  }
}
