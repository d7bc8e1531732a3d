import type { Cell, ResultStream, Row } from '../../../ports/warehouse.js'
import { cellMapper, resultColumns } from './cells.js'
import type { DataApi } from './data-api.js'
import type { Page } from './pages.js'

/** Results that are read at once. */
const AT_ONCE = 8

/** A result that is read page by page: a page is fetched when the one before was read. */
export async function streamOf(api: DataApi, id: string): Promise<ResultStream> {
  const first = await api.page(id)
  const columns = resultColumns(first.columns)
  return { columns, chunks: chunksOf(api, id, first, cellsBy(columns.map(({ type }) => type))) }
}

/** All rows of results, in the order of their ids. */
export async function rowsOf(api: DataApi, ids: readonly string[]): Promise<Row[][]> {
  const results: Row[][] = []
  for (let at = 0; at < ids.length; at += AT_ONCE)
    results.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => allRows(api, id)))))
  return results
}

async function allRows(api: DataApi, id: string): Promise<Row[]> {
  const { columns, chunks } = await streamOf(api, id)
  const rows: Row[] = []
  for await (const chunk of chunks)
    for (const cells of chunk) rows.push(Object.fromEntries(columns.map(({ name }, at) => [name, cells[at] as Cell])))
  return rows
}

async function* chunksOf(
  api: DataApi,
  id: string,
  first: Page,
  cells: (page: Page) => Cell[][],
): AsyncGenerator<Cell[][], void> {
  for (
    let page: Page | undefined = first;
    page;
    page = page.next === undefined ? undefined : await api.page(id, page.next)
  )
    if (page.records.length > 0) yield cells(page)
}

function cellsBy(types: readonly string[]): (page: Page) => Cell[][] {
  const mappers = types.map(cellMapper)
  return ({ records }) => records.map((record) => mappers.map((map, at) => map(record[at] ?? { isNull: true })))
}
