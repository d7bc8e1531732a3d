import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'

const FOLDER = fileURLToPath(new URL('../schemas/', import.meta.url))

interface Column {
  name: string
  type: string
}

/** The schemas under test/schemas: of every command's envelope by its name with dashes, and the parts that they share. */
export async function loadSchemas(): Promise<{
  names: string[]
  /** What is wrong with an envelope; empty where it fits the schema of that name. */
  mistakes(name: string, envelope: unknown): string[]
}> {
  // What `oneOf` and `$ref` hold stands apart from the properties that it is about.
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json')).sort()
  for (const file of files) ajv.addSchema(JSON.parse(await readFile(join(FOLDER, file), 'utf8')))
  return {
    names: files.map((file) => file.replace('.json', '')).filter((name) => name !== 'definitions'),
    mistakes: (name, envelope) => {
      const validate = ajv.getSchema(`${name}.json`)
      if (!validate) return [`there is no schema ${name}`]
      const fits = validate(envelope)
      const wrong = fits ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
      return [...wrong, ...wrongCells((envelope as { result?: unknown }).result)]
    },
  }
}

/** Cells of a tabular result that are not as cli.md §3 writes their column's type, and rows that have other keys. */
function wrongCells(result: unknown): string[] {
  const { columns, rows } = (result ?? {}) as { columns?: Column[]; rows?: Record<string, unknown>[] }
  if (!Array.isArray(columns) || !Array.isArray(rows)) return []
  const names = columns.map(({ name }) => name).join()
  return rows.flatMap((row, at) => [
    ...(Object.keys(row).join() === names ? [] : [`/result/rows/${at} has the keys ${Object.keys(row).join()}`]),
    ...columns.flatMap(({ name, type }) =>
      row[name] === null || isCell(row[name], type)
        ? []
        : [`/result/rows/${at}/${name} is no ${type}: ${JSON.stringify(row[name])}`],
    ),
  ])
}

function isCell(cell: unknown, type: string): boolean {
  const decimal = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)
  if (decimal) return new RegExp(`^-?\\d+${decimal[1] === '0' ? '' : `\\.\\d{${decimal[1]}}`}$`).test(String(cell))
  switch (type) {
    case 'BIGINT':
      return typeof cell === 'string' && /^-?\d+$/.test(cell)
    case 'INTEGER':
    case 'DOUBLE':
      return typeof cell === 'number'
    case 'BOOLEAN':
      return typeof cell === 'boolean'
    case 'DATE':
      return typeof cell === 'string' && /^\d{4}-\d\d-\d\d$/.test(cell)
    case 'TIMESTAMP':
      return typeof cell === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/.test(cell)
    default:
      return typeof cell === 'string'
  }
}
