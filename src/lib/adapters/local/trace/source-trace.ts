import { EtlError } from '../../../core/errors.js'
import { type SourceTable, type SourceTableName, sourceTable } from '../../../core/model.js'
import { columnNames } from '../../../core/sql/ddl.js'
import { winnerOrder } from '../../../core/sql/load-script.js'
import { identList } from '../../../core/sql/names.js'
import type { Fields, Row, SourceFacts, SourceRecord } from '../../../core/trace/facts.js'
import { keyCondition, shapeOf, type TraceKey } from '../../../core/trace/key.js'
import { maskSecrets } from '../../../core/words/secrets.js'
import { assertColumns } from '../../source/columns.js'
import type { OpenSource, OpenTable, Source } from '../../source/source.js'
import { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { jsonLines } from '../engine/readers.js'
import { typedSelect } from '../engine/typing.js'
import { inScratch } from '../home/files.js'
import { readable } from '../jobs/extract-one.js'
import type { ExtractSettings } from '../jobs/extract-raw.js'

export interface SourceTraceOptions {
  tables: readonly SourceTableName[]
  /** The largest number of records that are given. */
  most: number
  signal: AbortSignal
}

/** The records of the live source that have a key. Only these tables are read, beside the home. */
export async function sourceTrace(
  settings: ExtractSettings,
  key: TraceKey,
  options: SourceTraceOptions,
): Promise<Map<SourceTableName, SourceFacts>> {
  const { tables, signal } = options
  const found = new Map<SourceTableName, SourceFacts>()
  const source = settings.source({ readOnly: true })
  try {
    await inScratch(async (scratch) => {
      const reading = await source.open(scratch, signal)
      try {
        for (const name of tables)
          found.set(
            name,
            await tableTrace(reading, settings, { ...options, key, scratch, source, name }).catch(untold(name, signal)),
          )
      } finally {
        await reading.close()
      }
    })
  } catch (error) {
    // One that was written to meanwhile has said nothing that holds.
    for (const name of tables) if (!found.get(name)?.failure) found.set(name, untold(name, signal)(error))
  }
  return found
}

/** What is said where a table cannot be read; all but what a user can mend is thrown on. */
function untold(name: SourceTableName, signal: AbortSignal): (error: unknown) => SourceFacts {
  return (error) => {
    signal.throwIfAborted()
    if (!(error instanceof EtlError)) throw error
    return { name, failure: maskSecrets(error.message), records: [], good: 0, bad: 0, keys: 0 }
  }
}

interface TableTrace extends SourceTraceOptions {
  key: TraceKey
  name: SourceTableName
  scratch: string
  source: Source
}

async function tableTrace(reading: OpenSource, settings: ExtractSettings, traced: TableTrace): Promise<SourceFacts> {
  const { name, key, scratch, signal } = traced
  const only = Object.fromEntries(shapeOf(key).columns.map((column, at) => [column, key.values[at] as string]))
  const open = await reading.open(sourceTable(name), only)
  assertColumns(open)
  const limit = memoryLimit(open.bytes, settings.memory)
  const db = await Database.open(':memory:', { spillTo: scratch, memoryLimit: limit, signal })
  try {
    const { input } = await readable(open, (one) => stageRecords(db, one, key))
    await stageMisfits(db, input, key)
    return await told(db, input, traced)
  } finally {
    db.close()
  }
}

/** Makes the temp table `near` of the records that have the key, bad ones too, in the order of the source. */
async function stageRecords(db: Database, open: OpenTable, key: TraceKey): Promise<void> {
  const { table, header } = open
  const typed = typedSelect(table, open)
  const texts = `to_json([${header.map((_, at) => `x_${at}`).join(', ')}])`
  await db.inOrder(() =>
    db.run(`create or replace temp table near as
      select ${columnNames(table.columns)}, "_rule", "_nullified", ${typed.rowText} as row_text, cast(${texts} as varchar) as texts,
        cast(null as bigint) as line
      from (${typed.sql}) where ${keyCondition(key, shapeOf(key).columns)} ${typed.order}`),
  )
}

/** Adds those whose number of fields is not the header's, as far as the key stands where it should. */
async function stageMisfits(db: Database, { table, header, misfits }: OpenTable, key: TraceKey): Promise<void> {
  if (!misfits || misfits.count === 0) return
  const names = misfits.header ?? header
  const fields = names.map((_, at) => `coalesce(fields[${at + 1}], '') as x_${at}`)
  // Two columns more go with the texts through the typing, under names that no file has.
  const [line, whole] = [`x_${names.length}`, `x_${names.length + 1}`]
  const relation = `(select ${fields.join(', ')}, cast(line as varchar) as ${line}, cast(to_json(fields) as varchar) as ${whole}
    from ${jsonLines(misfits.path, { columns: { fields: 'varchar[]', line: 'bigint' }, longest: misfits.longest })})`
  const texts = {
    relation,
    header: [...names, ' line', ' fields'],
    trimmed: false,
    words: 'csv',
    ordered: true,
  } as const
  const columns = columnNames(table.columns)
  await db.run(`insert into near select ${columns}, 'bad_row:fields', "_nullified", ${whole}, null, cast(${line} as bigint)
    from (${typedSelect(table, texts).sql}) where ${keyCondition(key, shapeOf(key).columns)}`)
}

type Near = Record<string, Row[string]> & {
  _rule: string | null
  row_text: string
  texts: string | null
  line: string | null
}

/** The one that survives first, then what it wins over, then the bad ones. */
async function told(db: Database, open: OpenTable, traced: TableTrace): Promise<SourceFacts> {
  const { table, name } = open
  const [count] = await db.all<{ good: string; bad: string; keys: string }>(
    `select count(*) filter (where "_rule" is null) as good, count(*) filter (where "_rule" is not null) as bad,
        count(distinct (${identList(table.key)})) filter (where "_rule" is null) as keys
      from near`,
  )
  const rows = await db.all<Near>(`select *, row_number() over (partition by texts order by _position) as occurrence
    from (select *, row_number() over (partition by "_rule" is null order by ${winnerOrder(table)}) as rank
      from (select *, rowid as _position from near))
    order by "_rule" is not null, case when "_rule" is null then rank else _position end limit ${traced.most}`)
  const records: SourceRecord[] = []
  for (const row of rows) records.push(await record(open, row, traced))
  return {
    name,
    failure: null,
    records,
    good: Number(count?.good ?? 0),
    bad: Number(count?.bad ?? 0),
    keys: Number(count?.keys ?? 0),
  }
}

async function record({ table, header, name }: OpenTable, row: Near, traced: TableTrace): Promise<SourceRecord> {
  const place = row.line === null ? await placeOf(table, header, row, traced) : { file: name, line: Number(row.line) }
  const names = [...table.columns.map((column) => column.name), '_nullified']
  return {
    row:
      row._rule === null
        ? Object.fromEntries(names.map((one) => [one, row[one] ?? null]))
        : (JSON.parse(row.row_text) as Row | Fields),
    rule: row._rule,
    survives: row._rule === null && row['rank'] === '1',
    file: place?.file ?? null,
    line: place?.line ?? null,
  }
}

/** The line of a file where a record begins: looked for by its texts, since the engine does not know it. */
async function placeOf(
  { name }: SourceTable,
  header: readonly string[],
  { texts, occurrence }: Near,
  { source, signal }: TableTrace,
): Promise<{ file: string; line: number } | undefined> {
  const values = JSON.parse(texts ?? '[]') as string[]
  const fields = Object.fromEntries(header.map((column, at) => [column, values[at] ?? '']))
  const { file, line } = (await source.lineOf?.({ table: name, fields, occurrence: Number(occurrence) }, signal)) ?? {}
  return file === undefined || line === undefined ? undefined : { file, line }
}
