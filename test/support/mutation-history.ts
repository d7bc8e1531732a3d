import fc from 'fast-check'
import { SOURCE_TABLES, type SourceTable, type SourceTableName } from '../../src/lib/core/model.js'
import { type DirtySource, type DirtyTable, dirtySource, recordOf } from './dirty-source.js'

const KINDS = [
  'insert',
  'insert in front',
  'replace',
  /** All rows of a key. */
  'delete',
  'delete',
  'delete',
  'copy',
  'cell',
  /** Another row with the key of one that is there: it is changed, or corrected. */
  'same key',
  /** Two rows with one key: one of them is superseded. */
  'rival',
  /** A row that was deleted comes back as it was. */
  'back',
  'back',
  /** The key of a row that was deleted is used again. */
  'reuse',
  'reuse',
  'flip',
  'turn columns',
  'lose column',
] as const

/** What a day does to a table. */
interface Edit {
  table: SourceTable
  kind: (typeof KINDS)[number]
  at: number
  column: number
  /** A record with the columns of the first day. */
  seed: string[]
}

interface State {
  source: DirtySource
  /** Deleted records, by column, oldest first. */
  gone: Record<SourceTableName, Record<string, string>[]>
}

/** A source that changes from day to day. */
export const mutationHistory: fc.Arbitrary<DirtySource[]> = dirtySource.chain((first) => {
  const edit = fc
    .constantFrom(...SOURCE_TABLES, ...SOURCE_TABLES.filter(({ name }) => name === 'bookings'))
    .chain((table) =>
      fc.record({
        table: fc.constant(table),
        kind: fc.constantFrom(...KINDS.filter((kind) => kind !== 'flip' || table.name === 'bookings')),
        at: fc.nat(1000),
        column: fc.nat(1000),
        seed: recordOf(table, first[table.name].header),
      }),
    )
  const day = fc.array(edit, { minLength: 2, maxLength: 16, size: 'max' })
  return fc.array(day, { minLength: 2, maxLength: 5, size: 'max' }).map((days) => {
    const history = [first]
    let state: State = {
      source: first,
      gone: { apartments: [], apartment_attributes: [], bookings: [], user_viewing: [] },
    }
    for (const edits of days) {
      state = edits.reduce((before, one) => applied(before, one, first[one.table.name].header), state)
      history.push(state.source)
    }
    return history
  })
})

function applied({ source, gone }: State, edit: Edit, seedHeader: string[]): State {
  const { name } = edit.table
  const table = source[name]
  const index = table.records.length === 0 ? undefined : edit.at % table.records.length
  const target = index === undefined ? undefined : (table.records[index] as string[])
  const lost = edit.kind === 'delete' && target ? [byName(table.header, target)] : []
  return {
    source: {
      ...source,
      [name]: { ...table, ...changed(table, edit, seedOf(table, edit, seedHeader), target, index ?? 0, gone[name]) },
    },
    gone: { ...gone, [name]: [...gone[name], ...lost] },
  }
}

function changed(
  { header, records }: DirtyTable,
  { table, kind, at, column }: Edit,
  seed: string[],
  target: string[] | undefined,
  index: number,
  gone: Record<string, string>[],
): Partial<DirtyTable> {
  const insert = (place: number, record: string[]) => ({ records: records.toSpliced(place, 0, record) })
  const put = (record: string[]) => ({ records: records.with(index, record) })
  const somewhere = column % (records.length + 1)
  const keyed = (key: Record<string, string>) =>
    header.map((name, place) => (table.key.includes(name) ? (key[name] ?? '') : (seed[place] ?? '')))
  const keyText = (record: string[]) => table.key.map((name) => record[header.indexOf(name)]).join('|')
  const old = gone[at % (gone.length || 1)]
  if (kind === 'insert in front') return insert(0, seed)
  if (kind === 'back' && old)
    return insert(
      somewhere,
      header.map((name) => old[name] ?? ''),
    )
  if (kind === 'reuse' && old) return insert(somewhere, keyed(old))
  if (kind === 'insert' || !target) return insert(records.length, seed)
  if (kind === 'replace') return put(seed)
  if (kind === 'delete') return { records: records.filter((record) => keyText(record) !== keyText(target)) }
  if (kind === 'copy') return insert(somewhere, target)
  if (kind === 'cell') return put(target.with(column % target.length, seed[column % seed.length] ?? ''))
  if (kind === 'same key') return put(keyed(byName(header, target)))
  if (kind === 'rival') return insert(somewhere, keyed(byName(header, target)))
  if (kind === 'flip') return put(flipped(header, target))
  if (kind === 'turn columns') return reshaped(header, records, (places) => [...places.slice(1), ...places.slice(0, 1)])
  if (kind === 'lose column') {
    const optional = header.flatMap((name, place) =>
      table.columns.some((one) => one.name === name && one.required) ? [] : [place],
    )
    const lost = optional[column % (optional.length || 1)]
    return reshaped(header, records, (places) => places.filter((place) => place !== lost))
  }
  return {}
}

function flipped(header: string[], record: string[]): string[] {
  const place = header.indexOf('booking_status')
  const status = record[place]
  if (status === undefined) return record
  return record.with(place, status.trim().toLowerCase() === 'confirmed' ? 'canceled' : 'Confirmed')
}

/** The same table with other columns, or in another order; torn records stay as they are. */
function reshaped(
  header: string[],
  records: string[][],
  choose: (places: number[]) => number[],
): Pick<DirtyTable, 'header' | 'records'> {
  const places = choose(header.map((_, place) => place))
  const pick = (record: string[]): string[] => places.map((place) => record[place] ?? '')
  return {
    header: pick(header),
    records: records.map((record) => (record.length === header.length ? pick(record) : record)),
  }
}

/** The edit's record in today's columns; a torn one as it is. */
function seedOf({ header }: DirtyTable, { seed }: Edit, seedHeader: string[]): string[] {
  if (seed.length !== seedHeader.length) return seed
  const cells = byName(seedHeader, seed)
  return header.map((name) => cells[name] ?? '')
}

function byName(header: string[], record: string[]): Record<string, string> {
  return Object.fromEntries(header.map((name, place) => [name, record[place] ?? '']))
}
